import { ExactNumber } from "weir/fields";
import { LinearRegex, type Match, RegexError } from "weir/regex";
import { atOption } from "weir/transform";
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

  /** `own`: patterns by name. Throws an `OptionError`. */
  constructor(expressions: readonly string[], own: Readonly<Record<string, string>> = {}) {
    for (const [name, pattern] of Object.entries(own))
      atOption(["pattern_definitions", name], () => compileExpression(pattern, own, [name]));
    this.#expressions = expressions.map((expression, index) =>
      atOption(["patterns", index], () => compileExpression(expression, own)),
    );
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

const compileExpression = (
  expression: string,
  own: Readonly<Record<string, string>>,
  within: readonly string[] = [],
): Expression => {
  const { source, captures, placeOf } = expandGrok(expression, own, within);
  try {
    const regex = new LinearRegex(source);
    const groups = regex.groups.map((name) => {
      const [, index] = /^weir_(\d+)$/.exec(name ?? "") ?? [];
      return index === undefined ? name && ({ field: name, type: "text" } as const) : captures[Number(index)];
    });
    return { regex, groups: groups.map((capture) => capture || undefined) };
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new GrokError(error.message, { offset: placeOf(error.position) });
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
