import { type Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { CelError } from "../cel-error.ts";
import type { Signatures } from "./signatures.ts";
import { durationType, textOfDuration, textOfTime, timestampType } from "./times.ts";

const same = (value: unknown): unknown => value;

const shown = (value: unknown): string => (typeof value === "string" ? `"${value.slice(0, 80)}"` : String(value));

const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n];
const mostUnsigned = 2n ** 64n - 1n;

const within = (number: bigint, from: bigint, to: bigint, value: unknown, type: string): bigint => {
  if (number < from || number > to) throw new CelError(`${shown(value)} is too large for ${type}`);
  return number;
};

const wholeOf = (value: number, type: string): bigint => {
  if (!Number.isFinite(value)) throw new CelError(`${value} is no ${type}`);
  return BigInt(Math.trunc(value));
};

const intOf = (value: number): bigint => {
  // The nearest doubles to the limits are beyond them.
  if (Math.abs(value) >= 2 ** 63) throw new CelError(`${value} is too large for int`);
  return wholeOf(value, "int");
};

const intIn = (text: string): bigint => {
  if (!/^[+-]?[0-9]{1,19}$/.test(text)) throw new CelError(`${shown(text)} is no int`);
  return within(BigInt(text.replace(/^\+/, "")), least, most, text, "int");
};

const unsigned = (number: bigint, value: unknown): UnsignedInt =>
  new UnsignedInt(within(number, 0n, mostUnsigned, value, "uint"));

const unsignedIn = (text: string): UnsignedInt => {
  if (!/^\+?[0-9]{1,20}$/.test(text)) throw new CelError(`${shown(text)} is no uint`);
  return unsigned(BigInt(text.replace(/^\+/, "")), text);
};

const named: Readonly<Record<string, number>> = {
  inf: Infinity,
  "+inf": Infinity,
  "-inf": -Infinity,
  infinity: Infinity,
  "+infinity": Infinity,
  "-infinity": -Infinity,
  nan: Number.NaN,
};

const doubleIn = (text: string): number => {
  const word = text.slice(0, 10).toLowerCase();
  if (text.length < 10 && Object.hasOwn(named, word)) return named[word]!;
  if (!/^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?$/.test(text))
    throw new CelError(`${shown(text)} is no double`);
  return Number(text);
};

const textOfDouble = (value: number): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const textOfBytes = (value: Uint8Array): string => {
  try {
    return utf8.decode(value);
  } catch {
    throw new CelError("the bytes are no text in UTF-8");
  }
};

export const conversions: Signatures = {
  "int(int): int": same,
  "int(uint): int": (value: UnsignedInt) => within(value.valueOf(), least, most, value, "int"),
  "int(double): int": intOf,
  "int(string): int": intIn,
  [`int(${timestampType}): int`]: (time: Date) => BigInt(Math.floor(time.getTime() / 1000)),
  "uint(uint): uint": same,
  "uint(int): uint": (value: bigint) => unsigned(value, value),
  "uint(double): uint": (value: number) => {
    if (value >= 2 ** 64) throw new CelError(`${value} is too large for uint`);
    return unsigned(wholeOf(value, "uint"), value);
  },
  "uint(string): uint": unsignedIn,
  "double(double): double": same,
  "double(int): double": Number,
  "double(uint): double": (value: UnsignedInt) => Number(value.valueOf()),
  "double(string): double": doubleIn,
  "string(string): string": same,
  "string(bool): string": String,
  "string(int): string": String,
  "string(uint): string": String,
  "string(double): string": textOfDouble,
  "string(bytes): string": textOfBytes,
  [`string(${timestampType}): string`]: textOfTime,
  [`string(${durationType}): string`]: (value: Duration) => textOfDuration(value),
};
