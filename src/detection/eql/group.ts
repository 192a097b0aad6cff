import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { counted } from "../../text.ts";
import { parseTime, timeText } from "../event-time.ts";
import { requestOf } from "../request.ts";
import type { Ancestor, DetectorTools, Finding } from "../rule-type.ts";
import { type Document, shortDocument } from "./documents.ts";
import { sharedFields } from "./shared-fields.ts";

/** Events that belong together: a sequence, or a sample. */
export interface Group {
  readonly type: "sequence" | "sample";
  /** At least one, in the order of the query. */
  readonly documents: readonly Document[];
  /** The values that join them; null for a field without a value. */
  readonly keys: readonly (string | null)[];
  /** How many events must be missing. */
  readonly missing: number;
}

/** The group with each of its documents shortened to `room` bytes of JSON. */
export const shortGroup = (group: Group, room: number): Group => ({
  ...group,
  documents: group.documents.map((document) => shortDocument(document, room)),
});

/** What an alert has of its group, under `weir.eql`. */
export interface AboutGroup {
  readonly type: Group["type"];
  readonly keys: Group["keys"];
  readonly events: readonly { readonly id: string; readonly time: string }[];
}

/**
 * The data of a group's alerts as Elastic has them: first that of the alert itself, with the fields that all events share,
 * then that of a building block for each event. `findingOf` reads what they are about.
 */
export const groupAlerts = (
  { type, documents, keys, missing }: Group,
  { rule, alertId }: { readonly rule: string; readonly alertId: DetectorTools["alertId"] },
): readonly Data[] => {
  const events = documents.map(({ id }): Ancestor => ({ id, type: "event", depth: 0 }));
  const joined = keys.map((value) => ({ field: "key", value: JSON.stringify(value) }));
  const group = alertId({ ancestors: events, terms: joined });
  const inGroup = { "kibana.alert.group.id": group };
  const blocks = documents.map((document, index): Finding => {
    const place = { field: "kibana.alert.group.index", value: `${group} ${index}` };
    return {
      eventId: document.id,
      ancestors: [events[index]!],
      terms: [place],
      sentences: [`Event ${index + 1} of ${documents.length} in a ${type}.`],
      fields: {
        "kibana.alert.original_time": timeText(originalTime(document)),
        "kibana.alert.building_block_type": "default",
        ...inGroup,
        "kibana.alert.group.index": index,
      },
    };
  });
  const ids = blocks.map(({ ancestors = [], terms }) => alertId({ ancestors, terms }));
  const times = documents.map(ownTime);
  const about: AboutGroup = {
    type,
    keys,
    events: documents.map(({ id }, index) => ({ id, time: timeText(times[index]!) })),
  };
  const shell: Finding = {
    eventId: documents.at(-1)!.id,
    ancestors: [...events, ...ids.map((id): Ancestor => ({ id, type: "signal", depth: 1, rule }))],
    terms: [{ field: "kibana.alert.group.id", value: group }],
    sentences: sentences(type, documents, times, missing),
    fields: {
      "kibana.alert.original_time": timeText(Math.max(...documents.map(originalTime))),
      ...inGroup,
      weir: { eql: about } satisfies Data,
    },
  };
  const data = documents.map((document) => document.data);
  return [withFinding(sharedFields(data), shell), ...data.map((each, index) => withFinding(each, blocks[index]!))];
};

/** Data with what an alert is about. It takes the place of what an event has there itself. */
export const withFinding = (data: Data, finding: Finding): Data => ({ ...data, weir: { eql: finding } });

export const findingOf = (data: Data): Finding => (data["weir"] as { readonly eql: Finding }).eql;

const sentences = (
  type: Group["type"],
  documents: readonly Document[],
  times: readonly number[],
  missing: number,
): readonly string[] => {
  const [from, to] = [Math.min(...times), Math.max(...times)].map(timeText);
  const span = documents.length === 1 ? `at ${to}` : `from ${from} to ${to}`;
  const without = missing === 0 ? "" : `; ${counted(missing, "other event")} did not come`;
  const shortened = [...new Set(documents.flatMap((document) => document.shortened))];
  const more = shortened.length > 5 ? " and other fields" : "";
  return [
    `A ${type} of ${counted(documents.length, "event")} ${span}${without}.`,
    ...(shortened.length === 0
      ? []
      : [`Its events are large, and their alerts have only a part of ${shortened.slice(0, 5).join(", ")}${more}.`]),
  ];
};

const timestampOf = fieldValues("@timestamp");

/** The event's own `@timestamp`, or when it came. */
const originalTime = ({ data, ingested }: Document): number => parseTime(timestampOf(data)[0]) ?? ingested;

/** When it happened: by the field by which the rule measures time, or what else the event says, or when it came. */
const ownTime = ({ data, at, ingested }: Document): number =>
  at === ingested ? (parseTime(timestampOf(data)[0]) ?? parseTime(requestOf(data).at) ?? ingested) : at;
