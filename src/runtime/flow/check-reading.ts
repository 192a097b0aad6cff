import { inspect } from "node:util";
import { DigestReading } from "../../digest-reading.ts";
import type { Reading } from "../../plugin.ts";

/** The reading, if it is one; throws a readable error otherwise, because weir could not commit it. */
export const checkedReading = (value: unknown): Reading => {
  // It is right, and its stream is not wanted yet.
  if (value instanceof DigestReading) return value;
  const { stream, position, bytes } = (value ?? {}) as Readonly<Record<keyof Reading, unknown>>;
  if (typeof stream !== "string" || stream === "") throw wrong("stream", stream, "a text that is not empty");
  if (!Number.isSafeInteger(position) || Number(position) < 0)
    throw wrong("position", position, "the offset of its first byte in the stream");
  if (!(bytes instanceof Uint8Array)) throw wrong("bytes", bytes, "a Buffer, or another Uint8Array");
  return value as Reading;
};

const wrong = (name: string, found: unknown, wanted: string): TypeError =>
  new TypeError(`the source sent a reading whose "${name}" is ${shown(found)}; it must be ${wanted}`);

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value.slice(0, 60))
    : inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY });

/** The readings that a source returned; throws a readable error if it returned anything else. */
export const checkedReadings = (value: unknown): AsyncIterable<Reading> => {
  if (typeof (value as Partial<AsyncIterable<Reading>> | undefined)?.[Symbol.asyncIterator] === "function")
    return value as AsyncIterable<Reading>;
  throw new TypeError(
    `read() of the source returned ${shown(value)}; write it as an async generator: async *read() { … }`,
  );
};
