import { isWithin, type Network, networkOf, parseIp } from "../fields/ip.ts";
import { finderOf } from "../glob.ts";
import { fold } from "./fold.ts";
import type { FunctionName } from "./signatures.ts";
import { decimal, integer, type Value, written } from "./value.ts";

/** What a function gives for its inputs. */
export type Evaluated = (inputs: readonly Value[]) => Value;

/** Functions of texts that give null for null; the others handle it themselves. */
type TextTest = (source: string, part: string) => boolean;

const asText = (value: Value): string | null =>
  typeof value === "string" ? value : value === null ? null : written(value);

/** A position in a text: null counts as none. */
const asIndex = (value: Value | undefined): number | undefined =>
  typeof value === "bigint" || typeof value === "number" ? Number(value) : undefined;

/** The same text, or without regard to letter case. */
const caseOf = (insensitive: boolean): ((text: string) => string) => (insensitive ? fold : (text) => text);

const textTest = (test: TextTest, insensitive: boolean): Evaluated => {
  const same = caseOf(insensitive);
  return ([first = null, second = null]) => {
    const [source, part] = [asText(first), asText(second)];
    return source === null || part === null ? null : test(same(source), same(part));
  };
};

/** Where a text begins in another for the last time; -1 if it does not occur. */
const lastOf = (text: string, part: string): number => {
  if (part.length <= 1) return text.lastIndexOf(part);
  const found = finderOf(backwards(part))(backwards(text), 0);
  return found < 0 ? found : text.length - found - part.length;
};

const backwards = (text: string): string => text.split("").reverse().join("");

/** The longest text that is put together. */
const mostCharacters = 1 << 24;

const concat: Evaluated = (inputs) => {
  if (inputs.includes(null)) return null;
  const texts = inputs.map((value) => asText(value)!);
  return texts.reduce((sum, { length }) => sum + length, 0) <= mostCharacters ? texts.join("") : null;
};

const between =
  (insensitive: boolean): Evaluated =>
  ([first = null, second = null, third = null, greedy]) => {
    const [source, left, right] = [asText(first), asText(second), asText(third)];
    if (source === null || left === null || right === null) return null;
    const same = caseOf(insensitive);
    const text = same(source);
    const found = finderOf(same(left))(text, 0);
    if (found < 0) return null;
    const start = found + left.length;
    const end = greedy === true ? lastOf(text, same(right)) : finderOf(same(right))(text, start);
    return end < start ? null : source.slice(start, end);
  };

const indexOf =
  (insensitive: boolean): Evaluated =>
  ([first = null, second = null, third]) => {
    const [source, part] = [asText(first), asText(second)];
    if (source === null || part === null) return null;
    const start = Math.max(0, asIndex(third) ?? 0);
    if (start > source.length) return null;
    const same = caseOf(insensitive);
    const found = finderOf(same(part))(same(source), start);
    return found < 0 ? null : BigInt(found);
  };

/** Positions below zero count from the end. */
const substring: Evaluated = ([first = null, second, third]) => {
  const source = asText(first);
  if (source === null) return null;
  const place = (index: number) => Math.max(0, index < 0 ? index + source.length : index);
  return source.slice(place(asIndex(second) ?? 0), Math.max(0, place(asIndex(third) ?? source.length)));
};

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const PREFIXED = /^([+-]?)0[xX](?=[0-9a-fA-F])/;
const digits = "0123456789abcdefghijklmnopqrstuvwxyz";
/** More digits than any 64-bit integer has. */
const mostDigits = 80;

/** The number that a text spells; null for any other text. */
const number: Evaluated = ([first = null, second]) => {
  const text = asText(first)?.trim();
  if (text === undefined) return null;
  const given = asIndex(second);
  const isHex = (given === undefined || given === 16) && PREFIXED.test(text);
  const base = isHex ? 16 : (given ?? 10);
  if (base === 10 && !INTEGER.test(text)) return DECIMAL.test(text) ? decimal(Number(text)) : null;
  return inBase(isHex ? text.replace(PREFIXED, "$1") : text, base);
};

const inBase = (text: string, base: number): bigint | null => {
  const isSigned = /^[+-]/.test(text);
  const places = (isSigned ? text.slice(1) : text).toLowerCase();
  if (places === "" || places.length > mostDigits) return null;
  let value = 0n;
  for (const place of places) {
    const digit = digits.indexOf(place);
    if (digit < 0 || digit >= base) return null;
    value = value * BigInt(base) + BigInt(digit);
  }
  return integer(text.startsWith("-") ? -value : value);
};

/** The networks are the same for every event, so they are read once. */
const cidrMatch = (literals: readonly (Value | undefined)[]): Evaluated => {
  const networks = literals.slice(1).map((text) => (typeof text === "string" ? networkOf(text) : undefined));
  if (networks.some((network) => network === undefined)) return () => null;
  return ([first = null]) => {
    const ip = typeof first === "string" ? parseIp(first) : undefined;
    return ip === undefined ? null : (networks as readonly Network[]).some((network) => isWithin(ip, network));
  };
};

type Operation = "+" | "-" | "*" | "/" | "%";

/** Two integers give an integer; what has no result, such as a division by zero or more than 64 bits, is null. */
export const calculate = (operation: Operation, left: Value, right: Value): Value => {
  if (typeof left === "bigint" && typeof right === "bigint") return ofIntegers(operation, left, right);
  const [a, b] = [left, right].map((value) =>
    typeof value === "bigint" || typeof value === "number" ? Number(value) : undefined,
  );
  return a === undefined || b === undefined ? null : decimal(ofDecimals(operation, a, b));
};

const ofIntegers = (operation: Operation, a: bigint, b: bigint): bigint | null => {
  if (operation === "+") return integer(a + b);
  if (operation === "-") return integer(a - b);
  if (operation === "*") return integer(a * b);
  if (b === 0n) return null;
  return integer(operation === "/" ? a / b : a % b);
};

const ofDecimals = (operation: Operation, a: number, b: number): number => {
  if (operation === "+") return a + b;
  if (operation === "-") return a - b;
  if (operation === "*") return a * b;
  return operation === "/" ? a / b : a % b;
};

const calculation =
  (operation: Operation): Evaluated =>
  ([left = null, right = null]) =>
    calculate(operation, left, right);

/** The function of a name. `literals` are the inputs that are written in the query; the others are `undefined`. */
export const functionOf = (
  name: FunctionName,
  insensitive: boolean,
  literals: readonly (Value | undefined)[],
): Evaluated => {
  switch (name) {
    case "add":
      return calculation("+");
    case "subtract":
      return calculation("-");
    case "multiply":
      return calculation("*");
    case "divide":
      return calculation("/");
    case "modulo":
      return calculation("%");
    case "between":
      return between(insensitive);
    case "cidrMatch":
      return cidrMatch(literals);
    case "concat":
      return concat;
    case "endsWith":
      return textTest((source, part) => source.endsWith(part), insensitive);
    case "startsWith":
      return textTest((source, part) => source.startsWith(part), insensitive);
    case "stringContains":
      return textTest((source, part) => part !== "" && finderOf(part)(source, 0) >= 0, insensitive);
    case "indexOf":
      return indexOf(insensitive);
    case "length":
      return ([value = null]) => (value === null ? null : BigInt(asText(value)!.length));
    case "number":
      return number;
    case "string":
      return ([value = null]) => asText(value);
    case "substring":
      return substring;
  }
};
