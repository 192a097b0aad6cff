import type { AnyValue, KeyValue, LogRecord, Origin, Resource } from "./model.ts";
import { ValueMap } from "./model.ts";
import { isoOfNanos } from "./time.ts";

/**
 * Writes records as events, each one line of JSON. docs/reference/sources/otlp.md has the shape. What JSON cannot tell apart is
 * noted in `otlp`, by JSON Pointers (RFC 6901) into the event: `bytes` are strings of base64, `doubles` are numbers without a
 * fraction, or no numbers, and `repeated` has the further values of keys that occur several times.
 */
export class EventText {
  #origin: Origin | undefined;
  /** Members of the event that are the same for all records of an origin, and their notes. */
  #shared = "";
  #sharedNotes = new Notes();

  /** The text has what the strings of the record have: characters, or bytes as `latin1`. */
  line({ origin, record }: { readonly origin: Origin; readonly record: LogRecord }): string {
    if (origin !== this.#origin) this.#begin(origin);
    const notes = this.#sharedNotes.copy();
    const members = recordMembers(record, notes) + this.#shared + notes.members();
    return `{${members.slice(1)}}`;
  }

  #begin(origin: Origin): void {
    this.#origin = origin;
    this.#sharedNotes = new Notes();
    const { resource, scope } = origin;
    const named = (scope.name === "" ? "" : `,"name":${quoted(scope.name)}`) + optionalText("version", scope.version);
    this.#shared =
      object("resource", originMembers(resource, "/resource", this.#sharedNotes)) +
      object("scope", named + originMembers(scope, "/scope", this.#sharedNotes));
  }
}

/** A text begins with a comma where it is one of several members. */
const object = (name: string, members: string): string => (members === "" ? "" : `,"${name}":{${members.slice(1)}}`);

const quoted = (text: string): string => JSON.stringify(text);

const optionalText = (name: string, text: string): string => (text === "" ? "" : `,"${name}":${quoted(text)}`);

const optionalNumber = (name: string, value: number): string => (value === 0 ? "" : `,"${name}":${value}`);

const attributesMember = (attributes: readonly KeyValue[], pointer: string, notes: Notes): string =>
  attributes.length === 0 ? "" : `,"attributes":${mapText(attributes, `${pointer}/attributes`, notes)}`;

const originMembers = ({ attributes, droppedAttributes, schemaUrl }: Resource, pointer: string, notes: Notes): string =>
  attributesMember(attributes, pointer, notes) +
  optionalNumber("dropped_attributes_count", droppedAttributes) +
  optionalText("schema_url", schemaUrl);

const recordMembers = (record: LogRecord, notes: Notes): string => {
  const { time, observed, severityText, severityNumber, body } = record;
  const at = time === 0n ? observed : time;
  return (
    (at === 0n ? "" : `,"@timestamp":"${isoOfNanos(at)}"`) +
    (observed === 0n ? "" : `,"observed_timestamp":"${isoOfNanos(observed)}"`) +
    object("log", optionalText("level", severityText)) +
    optionalText("severity_text", severityText) +
    // A number of 0 says that the text alone is known.
    (severityNumber === 0 && severityText === "" ? "" : `,"severity_number":${severityNumber}`) +
    (typeof body === "string"
      ? `,"message":${quoted(body)}`
      : body === null
        ? ""
        : `,"body":${valueText(body, "/body", notes)}`) +
    object("trace", optionalText("id", idText(record.traceId))) +
    object("span", optionalText("id", idText(record.spanId))) +
    optionalNumber("flags", record.flags) +
    optionalText("event_name", record.eventName) +
    attributesMember(record.attributes, "", notes) +
    optionalNumber("dropped_attributes_count", record.droppedAttributes)
  );
};

/** An id of zeros only is none. */
const idText = (id: Uint8Array): string => (id.every((byte) => byte === 0) ? "" : Buffer.from(id).toString("hex"));

const valueText = (value: AnyValue, pointer: string, notes: Notes): string => {
  if (value === null) return "null";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "number") return doubleText(value, pointer, notes);
  if (value instanceof ValueMap) return mapText(value.entries, pointer, notes);
  if (value instanceof Uint8Array) {
    notes.bytes.push(pointer);
    return `"${Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64")}"`;
  }
  return `[${value.map((item, index) => valueText(item, `${pointer}/${index}`, notes)).join(",")}]`;
};

const doubleText = (value: number, pointer: string, notes: Notes): string => {
  if (!Number.isFinite(value) || Number.isInteger(value)) notes.doubles.push(pointer);
  return Number.isFinite(value) ? String(value) : `"${value}"`;
};

const mapText = (entries: readonly KeyValue[], pointer: string, notes: Notes): string => {
  const seen = new Set<string>();
  const members: string[] = [];
  for (const [key, value] of entries) {
    const at = pointerTo(pointer, key);
    if (seen.has(key)) notes.repeat(at, value);
    else members.push(`${quoted(key)}:${valueText(value, at, notes)}`);
    seen.add(key);
  }
  return `{${members.join(",")}}`;
};

/** The pointer to a member of the object at `pointer`. */
export const pointerTo = (pointer: string, key: string): string =>
  `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Where further values of the key at `pointer` are in an event. */
export const repeatedPointer = (pointer: string, index: number): string =>
  `${pointerTo("/otlp/repeated", pointer)}/${index}`;

class Notes {
  readonly bytes: string[] = [];
  readonly doubles: string[] = [];
  /** The texts of further values, by the pointer to the first. */
  readonly #repeated = new Map<string, string[]>();

  copy(): Notes {
    const copy = new Notes();
    copy.bytes.push(...this.bytes);
    copy.doubles.push(...this.doubles);
    for (const [pointer, texts] of this.#repeated) copy.#repeated.set(pointer, [...texts]);
    return copy;
  }

  repeat(pointer: string, value: AnyValue): void {
    const texts = this.#repeated.get(pointer) ?? [];
    this.#repeated.set(pointer, texts);
    texts.push(valueText(value, repeatedPointer(pointer, texts.length), this));
  }

  members(): string {
    const repeated = [...this.#repeated].map(([pointer, texts]) => `,${quoted(pointer)}:[${texts.join(",")}]`);
    return object(
      "otlp",
      list("bytes", this.bytes) + list("doubles", this.doubles) + object("repeated", repeated.join("")),
    );
  }
}

const list = (name: string, pointers: readonly string[]): string =>
  pointers.length === 0 ? "" : `,"${name}":${JSON.stringify(pointers)}`;
