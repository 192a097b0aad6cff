import { byOrigin } from "./by-origin.ts";
import { type AnyValue, type KeyValue, type LogRecord, type Resource, type Scope, ValueMap } from "./model.ts";
import type { MappedRecord } from "./record-of-event.ts";

/** An `ExportLogsServiceRequest` in JSON. */
export const jsonRequest = (records: readonly MappedRecord[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      resourceLogs: byOrigin(records).map(({ resource, scopes }) => ({
        resource: attributesOf(resource),
        scopeLogs: scopes.map(({ scope, logs }) => ({
          scope: scopeOf(scope),
          logRecords: logs.map(recordOf),
          ...text("schemaUrl", scope.schemaUrl),
        })),
        ...text("schemaUrl", resource.schemaUrl),
      })),
    }),
  );

const text = (name: string, value: string) => value !== "" && { [name]: value };

const uint = (name: string, value: number) => value !== 0 && { [name]: value };

const attributesOf = ({ attributes, droppedAttributes }: Pick<Resource, "attributes" | "droppedAttributes">) => ({
  ...(attributes.length > 0 && { attributes: keyValues(attributes) }),
  ...uint("droppedAttributesCount", droppedAttributes),
});

const scopeOf = (scope: Scope) => ({
  ...text("name", scope.name),
  ...text("version", scope.version),
  ...attributesOf(scope),
});

const recordOf = (record: LogRecord) => ({
  ...(record.time !== 0n && { timeUnixNano: String(record.time) }),
  ...(record.observed !== 0n && { observedTimeUnixNano: String(record.observed) }),
  ...uint("severityNumber", record.severityNumber),
  ...text("severityText", record.severityText),
  ...(record.body !== null && { body: anyValue(record.body) }),
  ...attributesOf(record),
  ...uint("flags", record.flags),
  ...text("traceId", hex(record.traceId)),
  ...text("spanId", hex(record.spanId)),
  ...text("eventName", record.eventName),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const keyValues = (entries: readonly KeyValue[]): readonly object[] =>
  entries.map(([key, value]) => ({ key, value: anyValue(value) }));

const anyValue = (value: AnyValue): object => {
  if (value === null) return {};
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: String(value) };
  if (typeof value === "number") return { doubleValue: Number.isFinite(value) ? value : String(value) };
  if (value instanceof ValueMap) return { kvlistValue: { values: keyValues(value.entries) } };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString("base64") };
  return { arrayValue: { values: value.map(anyValue) } };
};
