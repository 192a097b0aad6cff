import { byOrigin } from "./by-origin.ts";
import type { AnyValue, KeyValue, LogRecord, Resource, Scope } from "./model.ts";
import { ValueMap } from "./model.ts";
import type { MappedRecord } from "./record-of-event.ts";
import { WireWriter } from "./wire-writer.ts";

/** An `ExportLogsServiceRequest` in protobuf. */
export const protobufRequest = (records: readonly MappedRecord[]): Buffer => {
  const writer = new WireWriter();
  for (const { resource, scopes } of byOrigin(records).toReversed())
    writer.message(1, () => {
      text(writer, 3, resource.schemaUrl);
      for (const { scope, logs } of scopes.toReversed())
        writer.message(2, () => {
          text(writer, 3, scope.schemaUrl);
          for (let index = logs.length - 1; index >= 0; index--)
            writer.message(2, () => writeRecord(writer, logs[index]!));
          writer.message(1, () => writeScope(writer, scope));
        });
      writer.message(1, () => writeResource(writer, resource));
    });
  return writer.done();
};

/** A field that has its default is not written. */
const text = (writer: WireWriter, field: number, value: string): void => {
  if (value !== "") writer.text(field, value);
};

const uint = (writer: WireWriter, field: number, value: number): void => {
  if (value !== 0) writer.varint(field, BigInt(value));
};

const writeResource = (writer: WireWriter, { attributes, droppedAttributes }: Resource): void => {
  uint(writer, 2, droppedAttributes);
  keyValues(writer, 1, attributes);
};

const writeScope = (writer: WireWriter, { name, version, attributes, droppedAttributes }: Scope): void => {
  uint(writer, 4, droppedAttributes);
  keyValues(writer, 3, attributes);
  text(writer, 2, version);
  text(writer, 1, name);
};

const writeRecord = (writer: WireWriter, record: LogRecord): void => {
  text(writer, 12, record.eventName);
  if (record.observed !== 0n) writer.fixed64(11, record.observed);
  if (record.spanId.length > 0) writer.bytes(10, record.spanId);
  if (record.traceId.length > 0) writer.bytes(9, record.traceId);
  if (record.flags !== 0) writer.fixed32(8, record.flags);
  uint(writer, 7, record.droppedAttributes);
  keyValues(writer, 6, record.attributes);
  if (record.body !== null) writer.message(5, () => anyValue(writer, record.body));
  text(writer, 3, record.severityText);
  uint(writer, 2, record.severityNumber);
  if (record.time !== 0n) writer.fixed64(1, record.time);
};

const keyValues = (writer: WireWriter, field: number, entries: readonly KeyValue[]): void => {
  for (let index = entries.length - 1; index >= 0; index--) {
    const [key, value] = entries[index]!;
    writer.message(field, () => {
      writer.message(2, () => anyValue(writer, value));
      text(writer, 1, key);
    });
  }
};

const anyValue = (writer: WireWriter, value: AnyValue): void => {
  if (value === null) return;
  if (typeof value === "string") writer.text(1, value);
  else if (typeof value === "boolean") writer.varint(2, value ? 1n : 0n);
  else if (typeof value === "bigint") writer.varint(3, value);
  else if (typeof value === "number") writer.double(4, value);
  else if (value instanceof ValueMap) writer.message(6, () => keyValues(writer, 1, value.entries));
  else if (value instanceof Uint8Array) writer.bytes(7, value);
  else
    writer.message(5, () => {
      for (let index = value.length - 1; index >= 0; index--) writer.message(1, () => anyValue(writer, value[index]!));
    });
};
