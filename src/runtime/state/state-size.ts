import { StateFull } from "../../state.ts";
import type { StateWatch } from "./state-watch.ts";

export interface StateSizeOptions {
  readonly component: string;
  /** The largest size of the state: bytes of keys and values. */
  readonly quota: number;
  /** Committed bytes, over all of the component's spaces. */
  readonly committedBytes: () => number;
  readonly watch?: StateWatch | undefined;
}

/** A tick may exceed the quota by this factor, so that it can close windows even if the state is full. */
const headroom = 1.05;

/**
 * Tracks the size of a component's state and enforces its quota. The size is counted once, before the first write, and
 * updated from then on, because counting reads all entries.
 */
export class StateSize {
  readonly #options: StateSizeOptions;
  /** Size including the writes of the current event; `undefined` before the first write. */
  #bytes: number | undefined;
  /** Size without the writes of the current event. */
  #kept: number | undefined;

  constructor(options: StateSizeOptions) {
    this.#options = options;
  }

  get isLimited(): boolean {
    return this.#options.quota < Number.POSITIVE_INFINITY;
  }

  /**
   * Adds `growth` bytes, which may be negative. Shrinking always succeeds.
   * @throws StateFull if the quota would be exceeded.
   */
  grow(growth: number, isTick: boolean): void {
    const { component, quota, committedBytes } = this.#options;
    if (this.#bytes === undefined) {
      this.#bytes = committedBytes();
      this.#kept = this.#bytes;
      this.#options.watch?.used(this.#bytes);
    }
    const bytes = this.#bytes + growth;
    if (growth > 0 && bytes > (isTick ? quota * headroom : quota)) {
      this.#options.watch?.refused();
      throw new StateFull(
        `the state of "${component}" is full (${quota} bytes); raise its quota, state.max_size, or store less`,
      );
    }
    this.#bytes = bytes;
  }

  /** The size without the writes of the current event; `undefined` before the first write, and if it is not limited. */
  get kept(): number | undefined {
    return this.#kept;
  }

  /** Accepts the changes of the current event. */
  keep(): void {
    if (this.#bytes !== undefined && this.#bytes !== this.#kept) this.#options.watch?.used(this.#bytes);
    this.#kept = this.#bytes;
  }

  /** Discards the changes of the current event. */
  undo(): void {
    this.#bytes = this.#kept;
  }
}
