import type { Problem, Result } from "../problem.ts";
import { QueryError } from "../query-error.ts";

/** Things that a pipeline refers to by name, such as rules. */
export interface Catalog<T> {
  /** The names of what comes with weir, sorted. */
  names(): readonly string[];
  /** The thing with this name, or from the file at this path; `undefined` when there is none. */
  get(nameOrPath: string): Result<T> | undefined;
}

/** Where decoders look names up. */
export interface Catalogs {
  readonly rules: Catalog<unknown>;
  readonly codecs: Catalog<unknown>;
}

/** Reports something about an option that does not keep it from being used; `offset` is where in its text. */
export type Warn = (code: WarningCode, words: [string, string], hint: string, offset?: number) => void;

/**
 * Turns the text of an option into what a plugin gets; throws a `DecodeError` for a text that it cannot decode. `beside` has
 * all options of the component as they are written.
 */
export type OptionDecoder = (
  text: string,
  catalogs: Catalogs,
  warn: Warn,
  beside: Readonly<Record<string, unknown>>,
) => unknown;

/** The codes of problems that decoders find; the wording of each is in src/config/wording.ts. */
type Code =
  | "config/compiled"
  | "config/kql"
  | "config/unknown-rule"
  | "config/rule-in-error"
  | "config/rules-in-error"
  | "config/no-rules"
  | "config/unusable-list"
  | "config/unusable-exceptions"
  | "config/unknown-codec";
type WarningCode =
  | "config/idle-rules"
  | "config/fields-not-honoured"
  | "config/exception-expiry"
  | "config/exception-left-out"
  | "config/never-true"
  | "config/rules-without-effect"
  | "config/pipe-without-effect";

interface Details {
  /** The way out. */
  readonly hint?: string | undefined;
  /** Where in the text, in UTF-16 units. */
  readonly offset?: number | undefined;
  /** Problems of another file that are the cause. */
  readonly problems?: readonly Problem[];
}

/** Thrown by a decoder: the code of the problem, and the word or sentence that its message is made of. */
export class DecodeError extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly offset: number | undefined;
  readonly problems: readonly Problem[];

  constructor(code: Code, about: string, { hint, offset, problems = [] }: Details = {}) {
    super(about);
    this.name = "DecodeError";
    this.code = code;
    this.hint = hint;
    this.offset = offset;
    this.problems = problems;
  }
}

/** A decoder that compiles its text; `describe` words an error of `compile`, whose `hint` and `offset` are kept. */
export const compiling =
  (compile: (text: string) => unknown, code: Code, describe: (error: Error) => string): OptionDecoder =>
  (text) => {
    try {
      return compile(text);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new DecodeError(code, describe(error), error as Details);
    }
  };

/** What is wrong, without the way out if the error has it by itself. */
export const summaryOf = (error: Error): string => (error instanceof QueryError ? error.summary : error.message);
