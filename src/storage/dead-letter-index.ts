import type { DeadLetterChange, Place } from "./database.ts";

/** Name of the outbox that has no sink. */
export const deadLetterOutbox = "dead_letter";

interface Entry {
  readonly size: number;
  readonly state: "gone" | "replay";
}

/** What has become of the dead letters since they were written, as committed: which are gone, and which are marked. */
export class DeadLetterIndex {
  readonly #segments = new Map<number, Map<number, Entry>>();

  constructor(changes: readonly DeadLetterChange[]) {
    this.apply(changes);
  }

  apply(changes: readonly DeadLetterChange[]): void {
    for (const { segment, offset, size, state } of changes) {
      const entries = this.#segments.get(segment) ?? new Map<number, Entry>();
      this.#segments.set(segment, entries);
      if (state === "kept") entries.delete(offset);
      else entries.set(offset, { size, state });
    }
  }

  /** `undefined`: as it was written. */
  stateOf({ segment, offset }: Place): Entry["state"] | undefined {
    return this.#segments.get(segment)?.get(offset)?.state;
  }

  /** The segments that letters are gone from, and how many bytes of each. */
  goneBytes(): ReadonlyMap<number, number> {
    const bytes = new Map<number, number>();
    for (const [segment, entries] of this.#segments) {
      let gone = 0;
      for (const { size, state } of entries.values()) if (state === "gone") gone += size;
      bytes.set(segment, gone);
    }
    return bytes;
  }

  /** Every entry of a segment, to be forgotten with it. */
  entriesOf(segment: number): DeadLetterChange[] {
    return [...(this.#segments.get(segment) ?? [])].map(([offset, { size }]) => ({
      segment,
      offset,
      size,
      state: "kept",
    }));
  }
}
