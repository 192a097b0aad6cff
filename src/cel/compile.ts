import { TypeError as CelTypeError, ParseError } from "@marcbachmann/cel-js";
import type { Data, Json } from "../json.ts";
import { CelError } from "./cel-error.ts";
import { nesting } from "./dotted.ts";
import { celEnvironment } from "./environment.ts";
import { celValue, sizeOf } from "./input.ts";
import { jsonOf } from "./json-of.ts";
import { type Loop, type NamePath, type Node, rewrite, withoutPrefixes } from "./rewrite.ts";

/** The value of an expression for an event. `more`: variables beside the fields of the event. Throws a `CelError`. */
export type CelExpression = (data: Data, more?: Data) => Json;

/**
 * Compiles an expression of CEL (https://cel.dev). The fields of an event are its variables: `user.name`. Regular
 * expressions take linear time, a macro over a list cannot be within another, and one that uses a large value for each of many
 * items has no value: time and memory are bounded. Throws a `CelError`.
 */
export const compileCel = (text: string): CelExpression => {
  const { evaluate, variables, paths, loops } = checked(text);
  const fieldsOf = nesting(paths);
  return (data, more) => {
    const fields = fieldsOf(more ? { ...data, ...more } : data);
    const values: Record<string, unknown> = Object.create(null);
    for (const [variable, name] of variables)
      if (Object.hasOwn(fields, name)) values[variable] = celValue(fields[name]);
    for (const loop of loops) checkLoop(loop, fields);
    try {
      return jsonOf(evaluate(values));
    } catch (error) {
      throw error instanceof CelError ? error : new CelError(messageOf(error));
    }
  };
};

/** The library wants the branches of `? :` to have one type: only if they do not, they are made to have any. */
const checked = (text: string) => {
  const environment = celEnvironment();
  const make = (anyBranches: boolean) => {
    try {
      const evaluate = environment.parse(text);
      const used = rewrite(evaluate.ast as Node, anyBranches ? environment : undefined);
      return { evaluate, ...used, error: evaluate.check().error as (Error & { code?: string }) | undefined };
    } catch (error) {
      throw asCelError(error);
    }
  };
  const first = make(false);
  const made = first.error?.code === "incompatible_ternary_branches" ? make(true) : first;
  if (made.error) throw asCelError(made.error);
  return made;
};

/** The most items of a list, times the size of the values that its macro uses for each of them. */
const mostWork = 2 ** 24;

const checkLoop = ({ name, items, used }: Loop, data: Data): void => {
  if (items.length === 0 || used.length === 0) return;
  const total = (paths: readonly NamePath[]) => paths.reduce((sum, path) => sum + sizeOf(at(data, path)), 0);
  const [count, size] = [total(items), total(used)];
  if (count * size > mostWork)
    throw new CelError(
      `"${name}" takes too long: its list has a size of ${count}, and for each item it uses values of the event with a size of ${size}`,
    );
};

/** The value at a path, or the last one on the way to it. */
const at = (data: Data, path: NamePath): unknown => {
  let value: unknown = data;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name))
      return value === data ? null : value;
    value = (value as Data)[name];
  }
  return value;
};

const asCelError = (error: unknown): CelError => {
  if (error instanceof CelError) return error;
  const { range } = error as { range?: { start: number } };
  return new CelError(
    messageOf(error),
    error instanceof ParseError || error instanceof CelTypeError ? range?.start : undefined,
  );
};

/** In UTF-16 units: a message may contain a value of the event. */
const longestMessage = 200;

const messageOf = (error: unknown): string => {
  // JavaScript's stack is full.
  if (error instanceof RangeError) return "the expression is nested too deep";
  const message = error instanceof Error ? error.message : String(error);
  const sentence = withoutPrefixes(
    message
      .slice(0, 2 * longestMessage)
      .split("\n")[0]!
      .replace(/\.$/, "")
      .replace("found no matching overload for", "there is no function")
      .replace(/^Unexpected token: EOF$/, "the expression is not complete")
      .replace(
        /^Expected ([A-Z]+), got ([A-Z]+)$/,
        (_, wanted, found) => `expected ${tokenText(wanted)}, found ${tokenText(found)}`,
      ),
  );
  return sentence.length > longestMessage ? `${sentence.slice(0, longestMessage)}…` : sentence;
};

/** The tokens that the parser names, as they are written. */
const tokens: Readonly<Record<string, string>> = {
  EOF: "the end of the expression",
  RPAREN: '")"',
  RBRACKET: '"]"',
  RBRACE: '"}"',
  COLON: '":"',
  COMMA: '","',
  IDENTIFIER: "a name",
};

const tokenText = (name: string): string => tokens[name] ?? name;
