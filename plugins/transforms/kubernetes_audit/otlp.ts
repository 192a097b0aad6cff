import type { Data } from "weir";
import { ExactNumber, isObject } from "weir/fields";
import { textOfBase64 } from "./base64.ts";
import type { EnvelopeContext } from "./document.ts";
import type { AuditEnvelope, Content } from "./envelope.ts";

/** The JSON form of an OpenTelemetry logs request: opentelemetry.io/docs/specs/otlp, "JSON Protobuf encoding". */
export const otlp: AuditEnvelope = {
  name: "otlp",
  matches: ({ resourceLogs }) => Array.isArray(resourceLogs),
  open: ({ resourceLogs }) =>
    objects(resourceLogs).flatMap(({ resource, scopeLogs }) => {
      const about = attributesOf(resource);
      return objects(scopeLogs).flatMap(({ logRecords }) => objects(logRecords).map((record) => open(record, about)));
    }),
};

const objects = (list: unknown): readonly Data[] => (Array.isArray(list) ? list.filter(isObject) : []);

const open = (record: Data, resource: Data | undefined): Content => {
  const attributes = attributesOf(record);
  const fields = { ...(resource && { resource: { attributes: resource } }), ...(attributes && { attributes }) };
  const timestamp = nanoseconds(record["timeUnixNano"]) ?? nanoseconds(record["observedTimeUnixNano"]);
  const context: EnvelopeContext = {
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(timestamp && { timestamp }),
  };
  return { content: plain(record["body"]), context };
};

const attributesOf = (owner: unknown): Data | undefined => {
  const attributes = isObject(owner) ? owner["attributes"] : undefined;
  return Array.isArray(attributes) && attributes.length > 0 ? mapOf(attributes) : undefined;
};

/** The JSON of Protobuf omits what is empty: a pair without a key, or one that is no text, has the empty one. */
const mapOf = (pairs: unknown): Data =>
  Object.fromEntries(objects(pairs).map(({ key, value }) => [typeof key === "string" ? key : "", plain(value)]));

/** An AnyValue as plain JSON. 64-bit numbers are sent as text. */
const plain = (value: unknown): unknown => {
  if (!isObject(value)) return null;
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value;
  if (kvlistValue !== undefined) return mapOf(isObject(kvlistValue) ? kvlistValue["values"] : []);
  if (arrayValue !== undefined) return objects(isObject(arrayValue) ? arrayValue["values"] : []).map(plain);
  if (typeof bytesValue === "string") return textOfBase64(bytesValue, "bytesValue");
  if (intValue !== undefined) return integer(intValue);
  return stringValue ?? boolValue ?? doubleValue ?? null;
};

const integer = (value: unknown): unknown => {
  const number = Number(value);
  return Number.isSafeInteger(number) || !/^-?[1-9]\d*$/.test(String(value)) ? number : new ExactNumber(String(value));
};

/** Converts nanoseconds since 1970 to ISO text with milliseconds. They may be text, since a number would lose digits. */
const nanoseconds = (value: unknown): string | undefined => {
  const digits = String(value);
  if (!/^\d{7,20}$/.test(digits)) return undefined;
  const date = new Date(Number(digits.slice(0, -6)));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};
