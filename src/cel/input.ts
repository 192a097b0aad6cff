import { ExactNumber } from "../exact-number.ts";
import { isObject } from "../json.ts";

const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];

/**
 * A value of an event as expressions can use it. Integers beyond those of a double are ints of CEL, and objects with a key
 * `constructor` are maps, because the library takes it for their class. What needs no change is not copied.
 */
export const celValue = (value: unknown): unknown =>
  typeof value === "object" && value !== null && isForeign(value) ? converted(value) : value;

const converted = (value: unknown): unknown => {
  if (value instanceof ExactNumber) return numberOf(value);
  if (Array.isArray(value)) return value.map(converted);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, inner]) => [key, converted(inner)] as const);
  return Object.hasOwn(value, "constructor") ? new Map(members) : Object.fromEntries(members);
};

/** Whether there is something in a value that the library cannot use. Events are at most 512 levels deep. */
const isForeign = (value: object): boolean => {
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null && isForeign(item)) return true;
    return false;
  }
  if (value instanceof ExactNumber) return true;
  if (!isObject(value)) return false;
  for (const key in value) {
    const inner = value[key];
    if (key === "constructor" || (typeof inner === "object" && inner !== null && isForeign(inner))) return true;
  }
  return false;
};

const numberOf = (value: ExactNumber): bigint | number => {
  const text = String(value);
  if (!/^-?\d{1,19}$/.test(text)) return Number(value);
  const whole = BigInt(text);
  return whole >= least && whole <= most ? whole : Number(value);
};

/** How much there is in a value: the characters of its texts and keys, and one for each value. */
export const sizeOf = (value: unknown): number => {
  if (typeof value === "string") return value.length + 1;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 1);
  if (!isObject(value)) return 1;
  return Object.entries(value).reduce((sum, [key, inner]) => sum + key.length + sizeOf(inner), 1);
};
