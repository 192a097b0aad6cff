import type { Json } from "../../json.ts";
import type { Place } from "../../storage/database.ts";

/** What a commit saves of a sink: how far its outbox is delivered, and the record of its last write. */
export interface Progress {
  readonly outbox: string;
  readonly place: Place;
  readonly record: Json | undefined;
}

/** A part of the run whose progress is saved with the next commit when it is dirty. */
export interface Progressing {
  readonly isDirty: boolean;
  /** The progress that the next commit should save; `undefined` if there is none. */
  takeDelivered(): Progress | undefined;
  /** Call it if the result of `takeDelivered` could not be committed. */
  markDirty(): void;
}

const start: Place = { segment: 1, offset: 0 };

/** The record of a sink that has no outbox on disk. The place of an outbox that it had before stays as it is. */
export class SinkRecord implements Progressing {
  readonly #outbox: string;
  readonly #place: Place;
  #record: Json | undefined;
  #isDirty = false;

  constructor(outbox: string, saved: Pick<Progress, "place" | "record"> | undefined) {
    this.#outbox = outbox;
    this.#place = saved?.place ?? start;
    this.#record = saved?.record;
  }

  get record(): Json | undefined {
    return this.#record;
  }

  keep(record: Json): void {
    this.#record = record;
    this.#isDirty = true;
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  markDirty(): void {
    this.#isDirty = true;
  }

  takeDelivered(): Progress | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    return { outbox: this.#outbox, place: this.#place, record: this.#record };
  }
}
