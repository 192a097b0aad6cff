import { ExactNumber } from "../exact-number.ts";
import { type Data, isObject, kindOf } from "../json.ts";
import { parseJson } from "../parse-json.ts";
import { shortened } from "../text.ts";
import {
  type AnyValue,
  checkDepth,
  Excess,
  FieldCount,
  type KeyValue,
  type LogRecord,
  type Origin,
  OtlpError,
  Pauses,
  type ReceivedRecord,
  RefusedRecord,
  type Resource,
  ValueMap,
} from "./model.ts";

/** JSON is parsed at once. More objects and arrays than this in one body would hold up everything else for a second. */
const mostContainers = 500_000;

/**
 * The records of an `ExportLogsServiceRequest` in JSON, one by one: protobuf's mapping to JSON, with ids in hexadecimal
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Unknown members are ignored. Throws an `OtlpError` for
 * a text that is no such message. `pause`: what to yield in between where there is much to read without a record.
 */
export function* recordsInJson<P = never>(body: Buffer, pause?: P): Generator<ReceivedRecord | P> {
  const pauses = new Pauses();
  const request = objectIn(parsed(body), "the body");
  for (const [r, resourceLogs] of objects(request, "resourceLogs", "").entries()) {
    if (pause !== undefined && pauses.isDue) yield pause;
    const inResource = `resourceLogs[${r}].`;
    const resource = resourceIn(resourceLogs, "resource", inResource);
    for (const [s, scopeLogs] of objects(resourceLogs, "scopeLogs", inResource).entries()) {
      if (pause !== undefined && pauses.isDue) yield pause;
      const inScope = `${inResource}scopeLogs[${s}].`;
      const own = objectAt(scopeLogs, "scope", inScope);
      const scope = {
        ...resourceIn(scopeLogs, "scope", inScope),
        name: textAt(own, "name", `${inScope}scope.`),
        version: textAt(own, "version", `${inScope}scope.`),
      };
      const origin: Origin = { resource, scope };
      for (const [l, record] of objects(scopeLogs, "logRecords", inScope).entries())
        yield { origin, record: recordOrRefused(record, `${inScope}logRecords[${l}].`) };
    }
  }
}

const parsed = (body: Buffer): unknown => {
  let containers = 0;
  for (const byte of body) if (byte === 0x7b || byte === 0x5b) containers++;
  if (containers > mostContainers)
    throw new OtlpError(`the body has more than ${mostContainers} objects and arrays; send fewer records per request`);
  try {
    return parseJson(body.toString("utf8"));
  } catch (error) {
    throw new OtlpError(`the body is not JSON: ${(error as Error).message}`);
  }
};

const resourceIn = (parent: Data, name: string, path: string): Resource => {
  const own = objectAt(parent, name, path);
  return {
    attributes: keyValues(own["attributes"], outermost(), `${path}${name}.attributes`),
    droppedAttributes: uint32At(own, "droppedAttributesCount", `${path}${name}.`),
    schemaUrl: textAt(parent, "schemaUrl", path),
  };
};

const recordOrRefused = (record: Data, path: string): LogRecord | RefusedRecord => {
  try {
    return recordIn(record, path);
  } catch (error) {
    if (error instanceof Excess) return new RefusedRecord(error.message, jsonOf(record));
    throw error;
  }
};

/** JSON.stringify has a limit of its own, which depends on the stack. */
const jsonOf = (record: Data): Buffer => {
  try {
    return Buffer.from(JSON.stringify(record));
  } catch {
    return Buffer.alloc(0);
  }
};

const recordIn = (record: Data, path: string, values = outermost()): LogRecord => ({
  time: uint64At(record, "timeUnixNano", path),
  observed: uint64At(record, "observedTimeUnixNano", path),
  severityNumber: Number(integerAt(record, "severityNumber", path, -(2n ** 31n), 2n ** 31n - 1n)),
  severityText: textAt(record, "severityText", path),
  body: anyValue(record["body"], values, `${path}body`),
  attributes: keyValues(record["attributes"], values, `${path}attributes`),
  droppedAttributes: uint32At(record, "droppedAttributesCount", path),
  flags: uint32At(record, "flags", path),
  traceId: hexAt(record, "traceId", path),
  spanId: hexAt(record, "spanId", path),
  eventName: textAt(record, "eventName", path),
});

/** An absent member and `null` are the default value of a field. */
const isDefault = (value: unknown): value is undefined | null => value === undefined || value === null;

const expected = (what: string, path: string, value: unknown): OtlpError => {
  const found = typeof value === "string" ? `"${shortened(value, 40)}"` : kindOf(value);
  return new OtlpError(`${path} is ${found}, but must be ${what}`);
};

const objectIn = (value: unknown, path: string): Data => {
  if (isObject(value)) return value;
  throw expected("an object", path, value);
};

const objectAt = (parent: Data, name: string, path: string): Data =>
  isDefault(parent[name]) ? {} : objectIn(parent[name], path + name);

const listIn = (value: unknown, path: string): readonly unknown[] => {
  if (isDefault(value)) return [];
  if (Array.isArray(value)) return value;
  throw expected("an array", path, value);
};

const objects = (parent: Data, name: string, path: string): readonly Data[] => {
  const list = listIn(parent[name], path + name);
  const wrong = list.findIndex((value) => !isObject(value));
  if (wrong < 0) return list as readonly Data[];
  throw expected("an object", `${path}${name}[${wrong}]`, list[wrong]);
};

const textAt = (parent: Data, name: string, path: string): string => {
  const value = parent[name];
  if (isDefault(value)) return "";
  if (typeof value === "string") return value;
  throw expected("a string", path + name, value);
};

/** 64-bit integers are strings in JSON, and numbers are accepted, too. */
const integerIn = (value: unknown, path: string, least: bigint, most: bigint): bigint => {
  const text =
    typeof value === "string" ? value : typeof value === "number" || value instanceof ExactNumber ? String(value) : "";
  const number = /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (number !== undefined && number >= least && number <= most) return number;
  throw expected(`an integer from ${least} to ${most}`, path, value);
};

const integerAt = (parent: Data, name: string, path: string, least: bigint, most: bigint): bigint =>
  isDefault(parent[name]) ? 0n : integerIn(parent[name], path + name, least, most);

const uint64At = (parent: Data, name: string, path: string): bigint =>
  integerAt(parent, name, path, 0n, 2n ** 64n - 1n);

const uint32At = (parent: Data, name: string, path: string): number =>
  Number(integerAt(parent, name, path, 0n, 2n ** 32n - 1n));

const hexAt = (parent: Data, name: string, path: string): Buffer => {
  const text = textAt(parent, name, path);
  if (/^(?:[0-9a-f]{2})*$/i.test(text)) return Buffer.from(text, "hex");
  throw expected("hexadecimal digits", path + name, text);
};

const doubleIn = (value: unknown, path: string): number => {
  if (typeof value === "number" || value instanceof ExactNumber) return Number(value);
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return Number(value);
  if (typeof value === "string" && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return Number(value);
  throw expected("a number", path, value);
};

const bytesIn = (value: unknown, path: string): Buffer => {
  if (typeof value === "string" && /^[\w+/-]*={0,2}$/.test(value)) return Buffer.from(value, "base64");
  throw expected("base64", path, value);
};

/** Where a value is: how deep, and in what whose fields are counted. */
interface Within {
  readonly depth: number;
  readonly fields: FieldCount;
}

const outermost = (): Within => ({ depth: 0, fields: new FieldCount() });

const deeper = ({ depth, fields }: Within): Within => {
  checkDepth(depth + 1);
  return { depth: depth + 1, fields };
};

const keyValues = (value: unknown, within: Within, path: string): readonly KeyValue[] =>
  listIn(value, path).map((item, index) => {
    within.fields.take(4);
    const at = `${path}[${index}]`;
    const entry = objectIn(item, at);
    return [textAt(entry, "key", `${at}.`), anyValue(entry["value"], within, `${at}.value`)];
  });

const anyValue = (value: unknown, within: Within, path: string): AnyValue => {
  if (isDefault(value)) return null;
  const wrapped = objectIn(value, path);
  const found = Object.keys(kinds).filter((name) => !isDefault(wrapped[name]));
  if (found.length > 1) throw new OtlpError(`${path} has both ${found[0]} and ${found[1]}, but is one value`);
  const [name] = found;
  return name === undefined ? null : kinds[name]!(wrapped[name], within, `${path}.${name}`);
};

const kinds: Readonly<Record<string, (value: unknown, within: Within, path: string) => AnyValue>> = {
  stringValue: (value, _within, path) => {
    if (typeof value === "string") return value;
    throw expected("a string", path, value);
  },
  boolValue: (value, _within, path) => {
    if (typeof value === "boolean") return value;
    throw expected("true or false", path, value);
  },
  intValue: (value, _within, path) => integerIn(value, path, -(2n ** 63n), 2n ** 63n - 1n),
  doubleValue: (value, _within, path) => doubleIn(value, path),
  arrayValue: (value, within, path) => {
    const inside = deeper(within);
    const values = listIn(objectIn(value, path)["values"], `${path}.values`);
    return values.map((item, index) => {
      within.fields.take(2);
      return anyValue(item, inside, `${path}.values[${index}]`);
    });
  },
  kvlistValue: (value, within, path) =>
    new ValueMap(keyValues(objectIn(value, path)["values"], deeper(within), `${path}.values`)),
  bytesValue: (value, _within, path) => bytesIn(value, path),
};
