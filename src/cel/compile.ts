import { type ASTNode, TypeError as CelTypeError, Environment, ParseError } from "@marcbachmann/cel-js";
import { LRUCache } from "lru-cache";
import type { Data, Json } from "../json.ts";
import { LinearRegex, RegexError } from "../regex/index.ts";
import { jsonOf } from "./json-of.ts";

/** Why an expression cannot be used, or has no value for an event: a sentence without its full stop. */
export class CelError extends Error {
  /** Where in the expression, in UTF-16 units. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.name = "CelError";
    this.offset = offset;
  }
}

/** The value of an expression for an event. `more`: variables beside the fields of the event. Throws a `CelError`. */
export type CelExpression = (data: Data, more?: Data) => Json;

/** Patterns in an expression are few; those that come from events are compiled again and again. */
const regexes = new LRUCache<string, LinearRegex>({ max: 100 });

const linearMatch = (text: string, pattern: string): boolean => {
  let regex = regexes.get(pattern);
  if (!regex) {
    try {
      regex = new LinearRegex(pattern);
    } catch (error) {
      if (error instanceof RegexError) throw new CelError(`"${pattern}" is not a regular expression: ${error.message}`);
      throw error;
    }
    regexes.set(pattern, regex);
  }
  return regex.test(text);
};

const matchName = "weir_matches";

/** Numbers of events are doubles, and integers in an expression mix with them. */
const mixed: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

const environmentOf = (): Environment => {
  const made = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: 10_000, maxDepth: 100, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 32 },
  });
  made.registerFunction(`string.${matchName}(string): bool`, linearMatch);
  made.registerFunction(`${matchName}(string, string): bool`, linearMatch);
  for (const [operator, compute] of Object.entries(mixed)) {
    made.registerOperator(`double ${operator} int`, (a: number, b: bigint) => compute(a, Number(b)));
    made.registerOperator(`int ${operator} double`, (a: bigint, b: number) => compute(Number(a), b));
  }
  return made;
};

let environment: Environment | undefined;

/**
 * Compiles an expression of CEL (https://cel.dev). The fields of an event are its variables: `user.name`. Regular
 * expressions take linear time, and a macro over a list cannot be within another: time is in proportion to the event.
 */
export const compileCel = (text: string): CelExpression => {
  environment ??= environmentOf();
  const rewritten = rewrite(text, environment);
  const evaluate = parse(environment, rewritten.text);
  const { error } = evaluate.check();
  if (error?.code === "no_matching_overload")
    throw new CelError(
      firstLine(error)
        .replace("found no matching overload for", "there is no function")
        .replaceAll(matchName, "matches"),
      rewritten.text === text ? error.range?.start : undefined,
    );
  return (data, more) => {
    const variables: Record<string, unknown> = { ...data, ...more };
    for (const name of rewritten.fields) if (Object.hasOwn(data, name)) variables[fieldPrefix + name] = data[name];
    try {
      return jsonOf(evaluate(variables));
    } catch (error) {
      throw error instanceof CelError ? error : new CelError(firstLine(error));
    }
  };
};

const parse = (within: Environment, text: string) => {
  try {
    return within.parse(text);
  } catch (error) {
    const { range } = error as { range?: { start: number } };
    if (error instanceof ParseError || error instanceof CelTypeError)
      throw new CelError(firstLine(error), range?.start);
    throw new CelError(firstLine(error));
  }
};

const firstLine = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .split("\n")[0]!
    .replace(/\.$/, "")
    .replace(/^Unexpected token: EOF$/, "the expression is not complete")
    .replace(
      /^Expected ([A-Z]+), got ([A-Z]+)$/,
      (_, wanted, found) => `expected ${tokenText(wanted)}, found ${tokenText(found)}`,
    );
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

/** The macros that run an expression for each item of a list or map. */
const macros: ReadonlySet<string> = new Set([
  "all",
  "exists",
  "exists_one",
  "existsOne",
  "map",
  "filter",
  "transformList",
  "transformMap",
]);

/** Names of types, which fields have, too: `bytes`. A field is meant, except where a type is compared. */
const typeNames: ReadonlySet<string> = new Set([
  "bool",
  "bytes",
  "double",
  "int",
  "list",
  "map",
  "string",
  "type",
  "uint",
]);
const fieldPrefix = "weir_field_";

interface Rewritten {
  readonly text: string;
  /** The fields that have the name of a type. */
  readonly fields: readonly string[];
}

/** The expression with the function for patterns that takes linear time. Throws for macros within macros. */
const rewrite = (text: string, within: Environment): Rewritten => {
  /** Names to replace, by where they begin. */
  const replaced = new Map<number, { readonly name: string; readonly by: string }>();
  const walk = (node: unknown, isInside: boolean, isType: boolean): void => {
    if (Array.isArray(node)) for (const one of node) walk(one, isInside, false);
    if (!isNode(node)) return;
    const args: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
    const [name] = args;
    if (node.op === "id" && typeNames.has(String(node.args)) && !isType)
      replaced.set(node.start, { name: String(node.args), by: `${fieldPrefix}${node.args}` });
    const isMacro = node.op === "rcall" && macros.has(String(name));
    if (isMacro && isInside)
      throw new CelError(`"${name}" within another macro could take too long: use one macro over a list`, node.start);
    if (name === "matches" && (node.op === "rcall" || node.op === "call")) {
      const from = node.op === "rcall" ? (args[1] as ASTNode).end : node.start;
      replaced.set(text.indexOf("matches", from), { name: "matches", by: matchName });
    }
    const comparesType = (node.op === "==" || node.op === "!=") && args.some(isTypeCall);
    // The list of a macro is computed once.
    for (const [index, one] of args.entries()) walk(one, isInside || (isMacro && index > 1), comparesType);
  };
  walk(parse(within, text).ast, false, false);
  const places = [...replaced].sort(([a], [b]) => b - a);
  return {
    text: places.reduce((done, [at, { name, by }]) => done.slice(0, at) + by + done.slice(at + name.length), text),
    fields: [...new Set(places.flatMap(([, { name }]) => (typeNames.has(name) ? [name] : [])))],
  };
};

const isTypeCall = (node: unknown): boolean =>
  isNode(node) && node.op === "call" && (node.args as readonly unknown[])[0] === "type";

const isNode = (value: unknown): value is ASTNode & { readonly args: unknown } =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;
