import { ExactNumber } from "weir/fields";
import { LinearRegex, type Match, RegexError } from "weir/regex";
import { atOption } from "weir/transform";
import { type Capture, type CaptureType, expandGrok, GrokError } from "./expand.ts";

type CapturedValue = string | number | boolean | ExactNumber;

/** A field, with the groups that may capture it. */
interface Target {
  readonly field: string;
  readonly groups: readonly { readonly index: number; readonly type: CaptureType }[];
}

interface Expression {
  readonly regex: LinearRegex;
  readonly targets: readonly Target[];
}

/**
 * Grok expressions, the first of which that matches a text counts; it may match a part of it. The same field may be captured
 * in several places: the first that took part counts.
 */
export class Grok<T = string> {
  readonly #expressions: readonly { readonly regex: LinearRegex; readonly targets: readonly (Target & { to: T })[] }[];

  /** `toOf`: what stands for a field when its value is taken. `own`: patterns by name. Throws an `OptionError`. */
  constructor(expressions: readonly string[], toOf: (field: string) => T, own: Readonly<Record<string, string>> = {}) {
    for (const [name, pattern] of Object.entries(own))
      atOption(["pattern_definitions", name], () => compileExpression(pattern, own, [name]));
    this.#expressions = expressions.map((expression, index) =>
      atOption(["patterns", index], () => {
        const { regex, targets } = compileExpression(expression, own);
        return { regex, targets: targets.map((target) => ({ ...target, to: toOf(target.field) })) };
      }),
    );
  }

  /** Calls `take` with each captured value; false if nothing matches. */
  match(text: string, take: (to: T, value: CapturedValue) => void): boolean {
    for (const { regex, targets } of this.#expressions) {
      const found = regex.exec(text);
      if (!found) continue;
      for (const { groups, to } of targets) {
        const value = valueIn(found, groups);
        if (value !== undefined) take(to, value);
      }
      return true;
    }
    return false;
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
    return { regex, targets: targetsOf(regex.groups, captures) };
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new GrokError(error.message, { offset: placeOf(error.offset) });
  }
};

/** The fields in the order of their first groups. A group with a name of its own is a text. */
const targetsOf = (names: readonly (string | undefined)[], captures: readonly Capture[]): Target[] => {
  const groups = names.flatMap((name, at) => {
    if (name === undefined) return [];
    const [, index] = /^weir_(\d+)$/.exec(name) ?? [];
    const { field, type } = index === undefined ? ({ field: name, type: "text" } as const) : captures[Number(index)]!;
    return [{ field, index: at + 1, type }];
  });
  return [...Map.groupBy(groups, ({ field }) => field)].map(([field, groups]) => ({ field, groups }));
};

const valueIn = (match: Match, groups: Target["groups"]): CapturedValue | undefined => {
  for (const { index, type } of groups) {
    const text = match.group(index);
    if (text !== undefined) return type === "text" ? text : typed(text, type);
  }
  return undefined;
};

/** A text that is no number of this type stays a text. */
const typed = (text: string, type: CaptureType): CapturedValue => {
  if (type === "boolean") return text.toLowerCase() === "true";
  const number = Number(text);
  if (text === "" || !Number.isFinite(number)) return text;
  if (type === "float") return number;
  if (/^[+-]?\d+$/.test(text) && !Number.isSafeInteger(number)) return new ExactNumber(String(BigInt(text)));
  return Math.trunc(number);
};
