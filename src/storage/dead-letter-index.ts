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

  /** `undefined`: as it was written. */
  stateOf({ segment, offset }: Place): Entry["state"] | undefined {
    return this.#segments.get(segment)?.get(offset)?.state;
  }

  /** How many bytes of letters are gone from each segment that the index knows of. */
  get goneBytes(): ReadonlyMap<number, number> {
    return this.#goneBytes;
  }

  /** What makes the index forget a segment, whose file is gone too. */
  forgetting(segment: number): DeadLetterChange[] {
    return [...(this.#segments.get(segment) ?? [])].map(([offset, { size }]) => ({
      segment,
      offset,
      size,
      state: "kept",
    }));
  }
}
