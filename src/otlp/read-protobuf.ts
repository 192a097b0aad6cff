import {
  type AnyValue,
  checkDepth,
  Excess,
  FieldCount,
  type KeyValue,
  type LogRecord,
  type Origin,
  Pauses,
  type ReceivedRecord,
  RefusedRecord,
  type Resource,
  type Scope,
  ValueMap,
} from "./model.ts";
import { type TextMode, WireReader } from "./wire-reader.ts";

/**
 * The records of an `ExportLogsServiceRequest` in protobuf, one by one. A field that occurs several times is merged or
 * replaced as the wire format wants; unknown fields are skipped. Throws an `OtlpError` for bytes that are not such a message.
 * `pause`: what to yield in between where there is much to read without a record, so that other work can have its turn.
 */
export function* recordsInProtobuf<P = never>(body: Buffer, mode: TextMode, pause?: P): Generator<ReceivedRecord | P> {
  const pauses = new Pauses();
  const request = new WireReader(body, mode);
  for (let field = request.next(); field !== 0; field = request.next()) {
    if (pause !== undefined && pauses.isDue) yield pause;
    if (field === 1 && request.isDelimited) yield* resourceLogs(request.bytes(), { mode, pause, pauses });
    else request.skip();
  }
}

interface Reading<P> {
  readonly mode: TextMode;
  readonly pause: P | undefined;
  readonly pauses: Pauses;
}

/** Twice over the bytes: what records have in common may come after them. */
function* resourceLogs<P>(bytes: Buffer, reading: Reading<P>): Generator<ReceivedRecord | P> {
  const { mode, pause, pauses } = reading;
  const fields = new FieldCount();
  const resource = { attributes: [] as KeyValue[], droppedAttributes: 0, schemaUrl: "" };
  const first = new WireReader(bytes, mode);
  for (let field = first.next(); field !== 0; field = first.next()) {
    if (pause !== undefined && pauses.isDue) yield pause;
    if (field === 1 && first.isDelimited) readResource(first.message(fields), resource);
    else if (field === 3 && first.isDelimited) resource.schemaUrl = first.text();
    else first.skip();
  }
  const second = new WireReader(bytes, mode);
  for (let field = second.next(); field !== 0; field = second.next()) {
    if (pause !== undefined && pauses.isDue) yield pause;
    if (field === 2 && second.isDelimited) yield* scopeLogs(second.bytes(), reading, resource);
    else second.skip();
  }
}

function* scopeLogs<P>(bytes: Buffer, reading: Reading<P>, resource: Resource): Generator<ReceivedRecord | P> {
  const { mode, pause, pauses } = reading;
  const fields = new FieldCount();
  const scope = { name: "", version: "", attributes: [] as KeyValue[], droppedAttributes: 0, schemaUrl: "" };
  const first = new WireReader(bytes, mode);
  for (let field = first.next(); field !== 0; field = first.next()) {
    if (pause !== undefined && pauses.isDue) yield pause;
    if (field === 1 && first.isDelimited) readScope(first.message(fields), scope);
    else if (field === 3 && first.isDelimited) scope.schemaUrl = first.text();
    else first.skip();
  }
  const origin: Origin = { resource, scope };
  const second = new WireReader(bytes, mode);
  for (let field = second.next(); field !== 0; field = second.next()) {
    if (pause !== undefined && pauses.isDue) yield pause;
    if (field === 2 && second.isDelimited) yield { origin, record: recordOrRefused(second.bytes(), mode) };
    else second.skip();
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Filled<T extends Resource> = Writable<Omit<T, "attributes">> & { readonly attributes: KeyValue[] };

const readResource = (reader: WireReader, resource: Filled<Resource>): void => {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isDelimited) resource.attributes.push(keyValue(reader.message(), 0));
    else if (field === 2 && reader.isVarint) resource.droppedAttributes = reader.uint32();
    else reader.skip();
};

const readScope = (reader: WireReader, scope: Filled<Scope>): void => {
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isDelimited) scope.name = reader.text();
    else if (field === 2 && reader.isDelimited) scope.version = reader.text();
    else if (field === 3 && reader.isDelimited) scope.attributes.push(keyValue(reader.message(), 0));
    else if (field === 4 && reader.isVarint) scope.droppedAttributes = reader.uint32();
    else reader.skip();
};

const recordOrRefused = (bytes: Buffer, mode: TextMode): LogRecord | RefusedRecord => {
  try {
    return logRecord(new WireReader(bytes, mode, new FieldCount()));
  } catch (error) {
    if (error instanceof Excess) return new RefusedRecord(error.message, bytes);
    throw error;
  }
};

const none: Uint8Array = Buffer.alloc(0);

const logRecord = (reader: WireReader): LogRecord => {
  const attributes: KeyValue[] = [];
  const record = {
    time: 0n,
    observed: 0n,
    severityNumber: 0,
    severityText: "",
    body: null as AnyValue,
    attributes,
    droppedAttributes: 0,
    flags: 0,
    traceId: none,
    spanId: none,
    eventName: "",
  };
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isFixed64) record.time = reader.fixed64();
    else if (field === 2 && reader.isVarint) record.severityNumber = reader.int32();
    else if (field === 3 && reader.isDelimited) record.severityText = reader.text();
    else if (field === 5 && reader.isDelimited) record.body = anyValue(reader.message(), 0, record.body);
    else if (field === 6 && reader.isDelimited) attributes.push(keyValue(reader.message(), 0));
    else if (field === 7 && reader.isVarint) record.droppedAttributes = reader.uint32();
    else if (field === 8 && reader.isFixed32) record.flags = reader.fixed32();
    else if (field === 9 && reader.isDelimited) record.traceId = reader.bytes();
    else if (field === 10 && reader.isDelimited) record.spanId = reader.bytes();
    else if (field === 11 && reader.isFixed64) record.observed = reader.fixed64();
    else if (field === 12 && reader.isDelimited) record.eventName = reader.text();
    else reader.skip();
  return record;
};

const keyValue = (reader: WireReader, depth: number): KeyValue => {
  let key = "";
  let value: AnyValue = null;
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isDelimited) key = reader.text();
    else if (field === 2 && reader.isDelimited) value = anyValue(reader.message(), depth, value);
    else reader.skip();
  return [key, value];
};

/** `before`: the value so far, if the field occurs again. */
const anyValue = (reader: WireReader, depth: number, before: AnyValue): AnyValue => {
  let value = before;
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isDelimited) value = reader.text();
    else if (field === 2 && reader.isVarint) value = reader.bool();
    else if (field === 3 && reader.isVarint) value = reader.int64();
    else if (field === 4 && reader.isFixed64) value = reader.double();
    else if (field === 5 && reader.isDelimited) value = arrayValue(reader.message(), depth + 1, value);
    else if (field === 6 && reader.isDelimited) value = mapValue(reader.message(), depth + 1, value);
    else if (field === 7 && reader.isDelimited) value = reader.bytes();
    else reader.skip();
  return value;
};

const arrayValue = (reader: WireReader, depth: number, before: AnyValue): AnyValue => {
  checkDepth(depth);
  const values: AnyValue[] = Array.isArray(before) ? [...before] : [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isDelimited) values.push(anyValue(reader.message(), depth, null));
    else reader.skip();
  return values;
};

const mapValue = (reader: WireReader, depth: number, before: AnyValue): AnyValue => {
  checkDepth(depth);
  const entries: KeyValue[] = before instanceof ValueMap ? [...before.entries] : [];
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1 && reader.isDelimited) entries.push(keyValue(reader.message(), depth));
    else reader.skip();
  return new ValueMap(entries);
};
