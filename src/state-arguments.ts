import type { ScanOptions } from "./state.ts";

/** The most entries that one scan returns. */
export const maxPage = 1000;

const mustBeText = (what: string, text: unknown): void => {
  if (typeof text !== "string")
    throw new TypeError("keys and values of state must be text; use JSON.stringify for anything else");
  // The database would replace the broken part by U+FFFD, which makes it another key.
  if (!text.isWellFormed()) throw new TypeError(`${what} of state is not well-formed Unicode text`);
};

/** Checks the arguments that a transform passes to its state. Each check throws a sentence that says what is wrong. */
export const mustBe = {
  key(key: string): void {
    mustBeText("a key", key);
  },
  entry(key: string, value: string, expires: number | undefined): void {
    mustBeText("a key", key);
    mustBeText("a value", value);
    if (expires !== undefined && (typeof expires !== "number" || Number.isNaN(expires)))
      throw new TypeError(`expires must be a time, not ${expires}`);
  },
  page(prefix: string, { after, limit = maxPage }: ScanOptions): void {
    mustBeText("a prefix", prefix);
    if (after !== undefined) mustBeText("a key", after);
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPage)
      throw new RangeError(`a scan takes a limit from 1 to ${maxPage}, not ${limit}`);
  },
  sweep(before: number): void {
    if (!Number.isFinite(before)) throw new TypeError(`sweep needs a time, not ${before}`);
  },
  scope(name: string): void {
    mustBeText("the name of a scope", name);
    if (!/^[^/\n]+$/.test(name))
      throw new TypeError(
        `"${name}" cannot be the name of a scope: a name has at least one character, no "/" and no line end`,
      );
  },
  wake(at: number): void {
    if (!Number.isFinite(at)) throw new TypeError(`wake needs a time in milliseconds since 1970, not ${at}`);
  },
} as const;
