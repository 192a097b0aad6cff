import { ExactNumber } from "weir/fields";
import { LinearRegex, type Match, RegexError } from "weir/regex";
import { type Capture, expandGrok, GrokError } from "./expand.ts";

/** The values of a match, by field. */
export type Captured = ReadonlyMap<string, CapturedValue>;
type CapturedValue = string | number | boolean | ExactNumber;

interface Expression {
  readonly regex: LinearRegex;
  /** The field of each group, by its index. */
  readonly groups: readonly (Capture | undefined)[];
}

/**
 * Grok expressions, the first of which that matches a text counts; it may match a part of it. The same field may be captured
 * in several places: the first that took part counts.
 */
export class Grok {
  readonly #expressions: readonly Expression[];

  /** `own`: patterns by name. Throws a `GrokError`. */
  constructor(expressions: readonly string[], own: Readonly<Record<string, string>> = {}) {
    this.#expressions = expressions.map((expression) => compileExpression(expression, own));
  }

  /** The fields that it may fill. */
  get fields(): readonly string[] {
    return [...new Set(this.#expressions.flatMap(({ groups }) => groups.flatMap((group) => group?.field ?? [])))];
  }

  /** The captured values; undefined if nothing matches. */
  match(text: string): Captured | undefined {
    for (const { regex, groups } of this.#expressions) {
      const found = regex.exec(text);
      if (found) return capturedBy(found, groups);
    }
    return undefined;
  }
}

const compileExpression = (expression: string, own: Readonly<Record<string, string>>): Expression => {
  const { source, captures } = expandGrok(expression, own);
  try {
    const regex = new LinearRegex(source);
    const groups = regex.groups.map((name) => {
      const [, index] = /^weir_(\d+)$/.exec(name ?? "") ?? [];
      return index === undefined ? name && ({ field: name, type: "text" } as const) : captures[Number(index)];
    });
    return { regex, groups: groups.map((capture) => capture || undefined) };
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    // What comes from named patterns has no place in the expression.
    throw new GrokError(error.message, { offset: source === expression ? error.position : undefined });
  }
};

const capturedBy = (match: Match, groups: Expression["groups"]): Captured => {
  const values = new Map<string, CapturedValue>();
  for (const [index, capture] of groups.entries()) {
    if (!capture || values.has(capture.field)) continue;
    const text = match.group(index + 1);
    if (text !== undefined) values.set(capture.field, typed(text, capture.type));
  }
  return values;
};

/** A text that is no number of this type stays a text. */
const typed = (text: string, type: Capture["type"]): CapturedValue => {
  if (type === "text") return text;
  if (type === "boolean") return text.toLowerCase() === "true";
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return text;
  if (type === "float") return number;
  if (/^[+-]?\d+$/.test(text) && !Number.isSafeInteger(number)) return new ExactNumber(String(BigInt(text)));
  return Math.trunc(number);
};
