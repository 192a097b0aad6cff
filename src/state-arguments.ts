import type { ScanOptions } from "./state.ts";

/** The largest number of entries that one scan returns. */
export const maxPage = 1000;

const mustBeText = (what: string, text: unknown): void => {
  if (typeof text !== "string")
    throw new TypeError("state keys and values must be strings; use JSON.stringify for other values");
  // SQLite would store a lone surrogate as U+FFFD, and the entry would end up under another key.
  if (!text.isWellFormed()) throw new TypeError(`${what} of state is not well-formed Unicode; remove lone surrogates`);
};

/** Checks of the arguments that a transform passes to its `State`. Each throws an error that says what is wrong. */
export const checkArguments = {
  key(key: string): void {
    mustBeText("a key", key);
  },
  entry(key: string, value: string, expires: number | undefined): void {
    mustBeText("a key", key);
    mustBeText("a value", value);
    if (expires !== undefined && (typeof expires !== "number" || Number.isNaN(expires)))
      throw new TypeError(`expires must be a number, not ${expires}`);
  },
  page(prefix: string, { after, limit = maxPage }: ScanOptions): void {
    mustBeText("a prefix", prefix);
    if (after !== undefined) mustBeText("a key", after);
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPage)
      throw new RangeError(`limit must be an integer from 1 to ${maxPage}, not ${limit}`);
  },
  sweep(before: number): void {
    if (!Number.isFinite(before)) throw new TypeError(`sweep takes a number, not ${before}`);
  },
  scope(name: string): void {
    mustBeText("a scope name", name);
    if (!/^[^/\n]+$/.test(name))
      throw new TypeError(
        `the scope name "${name}" is not valid; use at least one character, and no "/" or line break`,
      );
  },
  wake(at: number): void {
    if (!Number.isFinite(at)) throw new TypeError(`wake takes a time in milliseconds since 1970, not ${at}`);
  },
} as const;
