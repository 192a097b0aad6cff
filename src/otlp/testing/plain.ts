import {
  type AnyValue,
  type KeyValue,
  type LogRecord,
  type ReceivedRecord,
  RefusedRecord,
  type Resource,
  ValueMap,
} from "../model.ts";
import type { MappedRecord } from "../record-of-event.ts";

/** Any value in a form that `toEqual` compares exactly: each with its type. */
const plainValue = (value: AnyValue): unknown => {
  if (value === null) return "empty";
  if (typeof value === "string") return { text: value };
  if (typeof value === "boolean") return { bool: value };
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") return { double: String(value) };
  if (value instanceof ValueMap) return { map: plainEntries(value.entries) };
  return value instanceof Uint8Array ? { bytes: hex(value) } : { list: value.map(plainValue) };
};

const plainEntries = (entries: readonly KeyValue[]): unknown => entries.map(([key, value]) => [key, plainValue(value)]);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const plainCommon = <T extends Resource>(common: T): object => ({
  ...common,
  attributes: plainEntries(common.attributes),
});

const plainRecord = (record: LogRecord): object => ({
  ...record,
  body: plainValue(record.body),
  attributes: plainEntries(record.attributes),
  traceId: hex(record.traceId),
  spanId: hex(record.spanId),
});

/** Records in a form that `toEqual` compares exactly. */
export const plain = (records: Iterable<ReceivedRecord>): unknown[] =>
  [...records].map(({ origin, record }) => ({
    resource: plainCommon(origin.resource),
    scope: plainCommon(origin.scope),
    record: record instanceof RefusedRecord ? record.message : plainRecord(record),
  }));

/**
 * A record as it comes out of an event: a time that is not known is that of the observation, and what was not observed is
 * when weir got it, which is the first second of 1970 here.
 */
export const known = ({ origin, record }: MappedRecord): MappedRecord => ({
  origin,
  record: { ...record, time: record.time || record.observed, observed: record.observed || 1_000_000_000n },
});

type Entry = readonly [key: string, value: unknown];

/** What `plain` gives, with all keys in order: it means nothing, and JSON does not keep it. */
export const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const isMap = (name: string) => name === "map" || name === "attributes";
  const members = Object.entries(value).map(([name, one]) => [
    name,
    isMap(name) ? byKey(one as Entry[]) : inOrder(one),
  ]);
  return Object.fromEntries(members);
};

const byKey = (entries: readonly Entry[]): unknown =>
  entries.map(([key, value]) => [key, inOrder(value)] as const).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
