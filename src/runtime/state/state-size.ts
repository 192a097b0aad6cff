import { StateFull } from "../../state.ts";

export interface StateSizeOptions {
  readonly component: string;
  /** In bytes of keys and values. */
  readonly quota: number;
  /** Bytes that are committed, over all of the component's spaces. */
  readonly committedBytes: () => number;
}

/** What a tick may write beyond the quota: closing what is open must not fail for want of room. */
const headroom = 1.05;

/**
 * How many bytes a component remembers, against its quota. They are counted once, before its first write, and followed
 * from then on: counting reads all of its entries.
 */
export class StateSize {
  readonly #options: StateSizeOptions;
  /** With what the event at hand wrote; `undefined` before the first write. */
  #bytes: number | undefined;
  /** Without it. */
  #kept: number | undefined;

  constructor(options: StateSizeOptions) {
    this.#options = options;
  }

  get isLimited(): boolean {
    return this.#options.quota < Number.POSITIVE_INFINITY;
  }

  /** Throws if there is no room for it. What makes the state smaller always goes. */
  grow(growth: number, isTick: boolean): void {
    const { component, quota, committedBytes } = this.#options;
    if (this.#bytes === undefined) {
      this.#bytes = committedBytes();
      this.#kept = this.#bytes;
    }
    const bytes = this.#bytes + growth;
    if (growth > 0 && bytes > (isTick ? quota * headroom : quota))
      throw new StateFull(
        `the state of "${component}" is full: ${quota} bytes; raise its quota, state.max_size, or let it remember less`,
      );
    this.#bytes = bytes;
  }

  /** What the event at hand wrote stands. */
  keep(): void {
    this.#kept = this.#bytes;
  }

  /** What it wrote is gone. */
  undo(): void {
    this.#bytes = this.#kept;
  }
}
