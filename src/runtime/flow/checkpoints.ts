import type { Checkpoint } from "../../plugin.ts";
import type { CheckpointChange } from "../../storage/database.ts";

/** The committed checkpoints of all sources. A source that is opened again continues from them. */
export class Checkpoints {
  readonly #sources: Map<string, Map<string, Checkpoint>>;

  constructor(saved: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>) {
    this.#sources = new Map([...saved].map(([source, streams]) => [source, new Map(streams)]));
  }

  /** A copy of the current checkpoints of a source, by stream. */
  of(source: string): ReadonlyMap<string, Checkpoint> {
    return new Map(this.#sources.get(source));
  }

  forget(source: string): void {
    this.#sources.delete(source);
  }

  committed({ source, stream, checkpoint }: CheckpointChange): void {
    const streams = this.#sources.get(source) ?? new Map<string, Checkpoint>();
    this.#sources.set(source, streams);
    if (checkpoint) streams.set(stream, checkpoint);
    else streams.delete(stream);
  }
}
