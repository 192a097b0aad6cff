import { option } from "weir";
import { ExactNumber, isIp, writePath } from "weir/fields";
import { atOption } from "weir/transform";
import { type Action, defineStep, shown } from "../step.ts";
import { fieldNames } from "./fields.ts";

const types = ["integer", "long", "float", "double", "boolean", "string", "ip", "auto"] as const;
type Type = (typeof types)[number];

export const convert = defineStep({
  option: option.map(
    option.oneOf(...types),
    fieldNames,
  )("Fields, each with the type to convert it to; of a list, each item is converted."),
  compile: (fields) => Object.entries(fields).map(([field, type]) => atOption([field], () => converting(field, type))),
});

const converting = (field: string, type: Type): Action => {
  const path = writePath(field);
  const one = conversions[type];
  const words = /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
  return (draft) => {
    const value = draft.get(path);
    if (value === undefined || value === null) return { failed: `the event has no field "${field}"` };
    if (!Array.isArray(value)) {
      const converted = one(value);
      if (converted === undefined) return { failed: `"${field}" is ${shown(value)}, which is not ${words}` };
      draft.set(path, converted);
      return undefined;
    }
    const items = value.map(one);
    const wrong = items.indexOf(undefined);
    if (wrong >= 0) return { failed: `"${field}" contains ${shown(value[wrong])}, which is not ${words}` };
    draft.set(path, items);
    return undefined;
  };
};

type Conversion = (value: unknown) => unknown;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : isScalar(value) ? String(value) : undefined;

const isScalar = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "boolean" || value instanceof ExactNumber;

/** Each digit can be read in one way only, so that a long text takes linear time. */
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Elasticsearch reads hexadecimal integers, too. */
const integerIn = (bits: 32 | 64): Conversion => {
  const most = 2n ** BigInt(bits - 1);
  return (value) => {
    const text = typeof value === "boolean" ? undefined : textOf(value)?.trim();
    if (text === undefined || !/^[+-]?(?:\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text)) return undefined;
    // So few digits are exact, and below the limits of a long.
    const short = text.length < (bits === 32 ? 10 : 16) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(short)) return short + 0;
    const isNegative = text.startsWith("-");
    const size = BigInt(text.replace(/^[+-]/, ""));
    const number = isNegative ? -size : size;
    if (number < -most || number >= most) return undefined;
    return Number.isSafeInteger(Number(number)) ? Number(number) : new ExactNumber(String(number));
  };
};

const floating: Conversion = (value) => {
  const text = typeof value === "boolean" ? undefined : textOf(value)?.trim();
  if (text === undefined || !decimal.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
};

const boolean: Conversion = (value) => {
  const text = textOf(value)?.toLowerCase();
  return text === "true" ? true : text === "false" ? false : undefined;
};

const conversions: Readonly<Record<Type, Conversion>> = {
  integer: integerIn(32),
  long: integerIn(64),
  float: floating,
  double: floating,
  boolean,
  string: textOf,
  ip: (value) => (typeof value === "string" && isIp(value) ? value : undefined),
  // What a text looks like; what is none stays as it is.
  auto: (value) =>
    typeof value === "string" ? (boolean(value) ?? integerIn(64)(value) ?? floating(value) ?? value) : value,
};
