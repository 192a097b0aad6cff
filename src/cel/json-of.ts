import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { ExactNumber } from "../exact-number.ts";
import type { Json } from "../json.ts";
import { CelError } from "./cel-error.ts";
import { checkedTime, textOfDuration } from "./functions/times.ts";

/** A value of CEL as JSON: a timestamp in ISO 8601, a duration in seconds as `3.5s`, bytes in base64. Throws for a type or an optional. */
export const jsonOf = (value: unknown): Json => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new CelError(`the value is ${value}, which JSON does not have`);
  }
  if (typeof value === "bigint") return numberOf(value, 2n ** 63n);
  if (value instanceof ExactNumber) return value as unknown as Json;
  if (value instanceof Date) return checkedTime(value).toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(jsonOf);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), jsonOf(inner)]));
  if (value instanceof Duration) return textOfDuration(value);
  if (value instanceof UnsignedInt) return numberOf(value.valueOf(), 2n ** 64n);
  const prototype: unknown = typeof value === "object" ? Object.getPrototypeOf(value) : undefined;
  if (prototype === Object.prototype || prototype === null)
    return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, jsonOf(inner)]));
  throw new CelError("the value is no text, number, list or map");
};

const numberOf = (value: bigint, limit: bigint): Json => {
  if (value < -limit || value >= limit) throw new CelError(`the integer ${value} is too large`);
  return Number.isSafeInteger(Number(value)) ? Number(value) : (new ExactNumber(String(value)) as unknown as Json);
};
