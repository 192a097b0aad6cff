import {
  type AnyValue,
  type KeyValue,
  type LogRecord,
  type ReceivedRecord,
  RefusedRecord,
  type Resource,
  ValueMap,
} from "../model.ts";

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
