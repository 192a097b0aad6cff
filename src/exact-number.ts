const shared = Symbol.for("weir.ExactNumber");

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** In the ES2025 draft "JSON.parse source text access"; TypeScript has no type for it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * A number in an event's data that JavaScript's own numbers would change: an integer beyond ±(2^53 − 1), or another
 * number that would be written back with another value, such as `0.1000000000000000055` or `1e400`. It keeps its text:
 * JSON.stringify and String give exactly that, while arithmetic gets the nearest number. It cannot be changed.
 */
const Own = class ExactNumber {
  /** The number as it was written in JSON. */
  readonly text: string;

  /** Throws a TypeError if the text is not a JSON number. */
  constructor(text: string) {
    if (!jsonNumber.test(text)) throw new TypeError(`${JSON.stringify(text)} is not a number as JSON writes it`);
    this.text = text;
    Object.freeze(this);
  }

  toString(): string {
    return this.text;
  }

  valueOf(): number {
    return Number(this.text);
  }

  toJSON(): unknown {
    return rawJSON(this.text);
  }
};

/** Several copies of this package in one process use the class of the first, so that `instanceof` works across them. */
const registry = globalThis as { [shared]?: typeof Own };
registry[shared] ??= Own;

export const ExactNumber: typeof Own = registry[shared];
export type ExactNumber = InstanceType<typeof Own>;
