import type { Records, StreamFraming } from "./framing.ts";

/** Passes on whole units of two bytes, as UTF-16 has them, counted from the first byte that is pushed. */
export class UnitFraming implements StreamFraming {
  readonly #inner: StreamFraming;
  /** The first byte of a unit whose second one has not come yet, and its position. */
  #half: { readonly byte: Buffer; readonly position: number } | undefined;

  constructor(inner: StreamFraming) {
    this.#inner = inner;
  }

  get portion(): number {
    return this.#inner.portion;
  }

  get reached(): number {
    return this.#inner.reached;
  }

  push(block: Buffer, position: number, records: Records): void {
    const half = block.length > 0 ? this.#half : undefined;
    const whole = half ? Buffer.concat([half.byte, block]) : block;
    const start = half ? half.position : position;
    const units = whole.length - (whole.length % 2);
    if (half) this.#half = undefined;
    if (units < whole.length) this.#half = { byte: Buffer.from(whole.subarray(units)), position: start + units };
    if (units > 0 || !this.#half) this.#inner.push(whole.subarray(0, units), start, records);
  }

  *end(records: Records): Generator<void> {
    if (this.#half) this.#inner.push(this.#half.byte, this.#half.position, records);
    this.#half = undefined;
    yield* this.#inner.end(records);
  }
}
