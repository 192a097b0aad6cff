import { type Data, isObject } from "../json.ts";
import type { AnyValue, KeyValue, LogRecord, Origin, Resource, Scope } from "./model.ts";
import { severityOfAlert, severityOfLevel } from "./severity.ts";
import { nanosOf } from "./time.ts";
import { EventValues } from "./values-of-event.ts";

/** An event as a log record. */
export interface MappedRecord {
  readonly origin: Origin;
  readonly record: LogRecord;
}

/** ECS fields that say where an event is from, not what happened: they are attributes of the resource. */
const ofResource = /^(?:service|host|cloud|container)\./;

const mostU32 = 2 ** 32 - 1;
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= mostU32;
const isText = (value: unknown): value is string => typeof value === "string";
const isAbsent = (value: unknown): boolean => value === undefined;

/** Whether an object has these members only, each as it should be. */
const hasOnly = (value: unknown, members: Readonly<Record<string, (value: unknown) => boolean>>): value is Data =>
  isObject(value) && Object.entries(value).every(([name, one]) => Object.hasOwn(members, name) && members[name]!(one));

const resourceMembers = { attributes: isObject, dropped_attributes_count: isCount, schema_url: isText };
const noteMembers = { bytes: Array.isArray, doubles: Array.isArray, repeated: isObject };
const scopeMembers = { ...resourceMembers, name: isText, version: isText };

/**
 * An event as a log record. What came from the source `otlp` gets back its meaning; docs/reference/sinks/otlp.md has the rules for
 * all others. `ingested`, in milliseconds since 1970, is when it was observed, unless the event says so. Nothing of an event
 * is left out: what has no field of its own is an attribute, under its path with dots.
 */
export const recordOfEvent = (data: Data, ingested: number): MappedRecord => {
  const own = partsOf(data);
  const values = new EventValues(own["otlp"]);
  const rest = new Map<string, KeyValue>();
  for (const [name, value] of Object.entries(data)) if (!Object.hasOwn(own, name)) flatten(name, value, values, rest);
  const take = <T>(name: string, accept: (value: AnyValue) => T | undefined): T | undefined => {
    const found = rest.get(name);
    const taken = found && accept(found[1]);
    if (taken !== undefined) rest.delete(name);
    return taken;
  };
  const text = (name: string) => take(name, (value) => (typeof value === "string" ? value : undefined)) ?? "";
  const count = (name: string) =>
    take(name, (value) => (typeof value === "bigint" && isCount(Number(value)) ? Number(value) : undefined));
  const time = take("@timestamp", nanosOf);
  const observed = take("observed_timestamp", nanosOf) ?? BigInt(ingested) * 1_000_000n;
  const severity = severityIn(rest, text, count);
  const body = bodyIn(data, own, values, rest);
  const record = {
    time: time ?? 0n,
    observed,
    ...severity,
    body,
    droppedAttributes: count("dropped_attributes_count") ?? 0,
    flags: count("flags") ?? 0,
    traceId: take("trace.id", (value) => hexOf(value, 16)) ?? none,
    spanId: take("span.id", (value) => hexOf(value, 8)) ?? none,
    eventName: text("event_name"),
  };
  const origin = { resource: resourceIn(own, values, rest), scope: scopeIn(own, values) };
  return { origin, record: { ...record, attributes: attributesIn(own, values, rest) } };
};

const none = Buffer.alloc(0);

/** The members of an event that are parts of a record, as the source `otlp` writes them. */
const partsOf = (data: Data): Data => ({
  ...(hasOnly(data["otlp"], noteMembers) && { otlp: data["otlp"] }),
  ...(isObject(data["attributes"]) && { attributes: data["attributes"] }),
  ...(hasOnly(data["resource"], resourceMembers) && { resource: data["resource"] }),
  ...(hasOnly(data["scope"], scopeMembers) && { scope: data["scope"] }),
  ...(!isAbsent(data["body"]) && isAbsent(data["message"]) && { body: data["body"] }),
});

/** Objects become paths with dots. The values of a path that occurs twice are in an array, as Elasticsearch sees them. */
const flatten = (path: string, json: unknown, values: EventValues, into: Map<string, KeyValue>): void => {
  if (isObject(json) && Object.keys(json).length > 0) {
    for (const [name, value] of Object.entries(json)) flatten(`${path}.${name}`, value, values, into);
    return;
  }
  const before = into.get(path);
  const value = values.value(json, "");
  into.set(path, [path, before ? [before[1], value].flat() : value]);
};

type Text = (name: string) => string;
type Count = (name: string) => number | undefined;

const severityIn = (rest: ReadonlyMap<string, KeyValue>, text: Text, count: Count) => {
  const number = count("severity_number");
  const written = text("severity_text");
  const level = rest.get("log.level")?.[1];
  const severityText = written === "" && typeof level === "string" ? level : written;
  // It says the same.
  if (level === severityText) text("log.level");
  if (number !== undefined) return { severityNumber: number, severityText };
  const ofAlert = rest.get("kibana.alert.severity")?.[1];
  const derived = severityOfLevel(severityText) || (typeof ofAlert === "string" ? severityOfAlert(ofAlert) : 0);
  return { severityNumber: derived, severityText };
};

const bodyIn = (data: Data, own: Data, values: EventValues, rest: Map<string, KeyValue>): AnyValue => {
  if (Object.hasOwn(own, "body")) return values.value(own["body"], "/body");
  if (!isAbsent(data["message"]) && rest.has("message")) {
    const [, message] = rest.get("message")!;
    rest.delete("message");
    return message;
  }
  // An alert is read by its reason, and stays whole.
  return rest.get("kibana.alert.reason")?.[1] ?? null;
};

const hexOf = (value: AnyValue, length: number): Buffer | undefined =>
  typeof value === "string" && value.length === length * 2 && /^[0-9a-f]+$/i.test(value)
    ? Buffer.from(value, "hex")
    : undefined;

const resourceIn = (own: Data, values: EventValues, rest: Map<string, KeyValue>): Resource => {
  const { resource } = own;
  if (isObject(resource)) return commonIn(resource, "/resource", values);
  const attributes = [...rest.values()].filter(([name]) => ofResource.test(name));
  for (const [name] of attributes) rest.delete(name);
  return { attributes, droppedAttributes: 0, schemaUrl: "" };
};

const scopeIn = ({ scope }: Data, values: EventValues): Scope => {
  const written = isObject(scope) ? scope : {};
  const { name = "", version = "" } = written;
  return { ...commonIn(written, "/scope", values), name: String(name), version: String(version) };
};

const commonIn = (written: Data, pointer: string, values: EventValues): Resource => {
  const { attributes, dropped_attributes_count: dropped = 0, schema_url = "" } = written;
  return {
    attributes: isObject(attributes) ? values.entries(attributes, `${pointer}/attributes`) : [],
    droppedAttributes: Number(dropped),
    schemaUrl: String(schema_url),
  };
};

/** The event's attributes, and what has no field of its own; where both have a name, the two values are in an array. */
const attributesIn = ({ attributes }: Data, values: EventValues, rest: ReadonlyMap<string, KeyValue>): KeyValue[] => {
  const entries = isObject(attributes) ? values.entries(attributes, "/attributes") : [];
  const others = new Map(rest);
  const merged = entries.map(([key, value]): KeyValue => {
    const other = others.get(key);
    others.delete(key);
    return other ? [key, [value, other[1]].flat()] : [key, value];
  });
  return [...merged, ...others.values()];
};
