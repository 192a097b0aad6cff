import type { DeadLetterChange, Place } from "./database.ts";

/** Name of the outbox without a sink. */
export const deadLetterOutbox = "dead_letter";

interface Entry {
  readonly size: number;
  readonly state: "gone" | "replay";
}

/** The committed state of the dead letters: which are gone, and which are marked for replay. */
export class DeadLetterIndex {
  readonly #segments = new Map<number, Map<number, Entry>>();
  readonly #goneBytes = new Map<number, number>();

  constructor(changes: readonly DeadLetterChange[]) {
    this.apply(changes);
  }

  apply(changes: readonly DeadLetterChange[]): void {
    for (const { segment, offset, size, state } of changes) {
      const entries = this.#segments.get(segment) ?? new Map<number, Entry>();
      this.#segments.set(segment, entries);
      const before = entries.get(offset)?.state === "gone" ? size : 0;
      const now = state === "gone" ? size : 0;
      this.#goneBytes.set(segment, (this.#goneBytes.get(segment) ?? 0) + now - before);
      if (state === "kept") entries.delete(offset);
      else entries.set(offset, { size, state });
    }
  }

  /** `undefined` when the letter is unchanged. */
  stateOf({ segment, offset }: Place): Entry["state"] | undefined {
    return this.#segments.get(segment)?.get(offset)?.state;
  }

  /** Bytes of letters that are gone, by segment. */
  get goneBytes(): ReadonlyMap<number, number> {
    return this.#goneBytes;
  }

  /** The changes that remove a segment from the index, once its file is gone. */
  forgetting(segment: number): DeadLetterChange[] {
    return [...(this.#segments.get(segment) ?? [])].map(([offset, { size }]) => ({
      segment,
      offset,
      size,
      state: "kept",
    }));
  }
}
