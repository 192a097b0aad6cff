import type { Data } from "../json.ts";
import { type Moment, parseMoment } from "./date.ts";
import { momentReader, type ReadMoment } from "./date-format.ts";
import { halfFloatOf, scaledOf } from "./floats.ts";
import { canonicalIp } from "./ip.ts";
import { fieldAt, type Mapping, mappingFor } from "./mapping.ts";
import { doubleOf, integerOf, type Numeric, numericOf, numericOfNumber, numericText } from "./numeric.ts";
import { compilePath, type Scalar } from "./path.ts";
import type { FieldType, PlainType } from "./types.ts";

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number, or the number that a decimal text spells. */
export const numberValue = (value: Scalar): Numeric | undefined => {
  if (typeof value === "boolean") return undefined;
  if (typeof value !== "string") return numericOfNumber(value);
  return DECIMAL.test(value) ? numericOf(value) : undefined;
};

/** A value as a boolean field indexes it: true and false also as text, and `""` as false. */
export const booleanValue = (value: Scalar): boolean | undefined => {
  if (value === true || value === "true") return true;
  return value === false || value === "false" || value === "" ? false : undefined;
};

/** A value as an ip field indexes it: the canonical text of the address. */
const ipText = (value: Scalar): string | undefined => (typeof value === "string" ? canonicalIp(value) : undefined);

const integers: ReadonlySet<string> = new Set(["long", "unsigned_long", "integer", "short", "byte"]);
const numbers: ReadonlySet<string> = new Set([...integers, "double", "float", "half_float", "scaled_float"]);

/**
 * A value as a number field indexes it: an integer field truncates fractions, and holds every digit of what is left; a
 * double or a float rounds to its precision, and does not take what is beyond its range.
 */
export const numberOf = (type: PlainType, value: Scalar): Numeric | undefined => {
  const number = numberValue(value);
  if (number === undefined) return undefined;
  if (integers.has(type)) return integerOf(number);
  const double = precisionOf(type)(doubleOf(number));
  return Number.isFinite(double) ? double : undefined;
};

const precisionOf = (type: PlainType): ((value: number) => number) => {
  if (type === "float") return Math.fround;
  if (type === "half_float") return halfFloatOf;
  return type === "scaled_float" ? scaledOf : (value) => value;
};

/** A value as a date field with this format indexes it. */
export const momentOf = (value: Scalar, read: ReadMoment = parseMoment): Moment | undefined =>
  typeof value === "boolean" ? undefined : read(String(value));

/** A date of a field with this format in ISO 8601. */
export const dateText = (format: string | undefined): ((value: Scalar) => string | undefined) => {
  const read = momentReader(format);
  return (value) => {
    const moment = momentOf(value, read);
    return moment && new Date(moment.at).toISOString();
  };
};

const anyText = (value: Scalar): string => String(value);

const isNumber = (type: Mapping["type"]): type is PlainType & Mapping["type"] => numbers.has(type);

/** A value as a field indexes it, as canonical text: `fieldValues` reads the same. `undefined` if it is not indexed. */
export const indexedText = ({ type, ignoreAbove, format }: Mapping): ((value: Scalar) => string | undefined) => {
  if (ignoreAbove < Number.POSITIVE_INFINITY)
    return (value) => {
      const text = type === "caseless" ? String(value).toLowerCase() : String(value);
      return text.length <= ignoreAbove ? text : undefined;
    };
  if (type === "ip") return ipText;
  if (type === "boolean") return (value) => booleanValue(value)?.toString();
  if (type === "date" || type === "date_nanos") return dateText(format);
  if (!isNumber(type)) return anyText;
  return (value) => {
    const number = numberOf(type, value);
    return number === undefined ? undefined : numericText(number);
  };
};

const none: readonly string[] = [];

/**
 * Reads the distinct values of a field as canonical text, in order of appearance. Values that are equal in Elasticsearch
 * are one (for an ip, `::FFFF:10.0.0.1` and `10.0.0.1`); values that it would not index are left out. Without a type, all
 * values are read as they are.
 */
export const fieldValues = (path: string, as?: FieldType | Mapping): ((data: Data) => readonly string[]) => {
  const mapping = typeof as === "string" ? mappingFor(as) : as;
  const field = mapping ? fieldAt(path, mapping) : compilePath(path);
  const canonical = mapping ? indexedText(mapping) : anyText;
  return (data) => {
    let found: string[] | undefined;
    // Most fields have one value; a client may send thousands.
    let known: Set<string> | undefined;
    field.some(data, (value) => {
      const text = canonical(value);
      if (text === undefined) return false;
      if (found === undefined) found = [text];
      else {
        known ??= new Set(found);
        if (known.size !== known.add(text).size) found.push(text);
      }
      return false;
    });
    return found ?? none;
  };
};
