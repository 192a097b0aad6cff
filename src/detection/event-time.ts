import { isOfBaseline } from "../baseline/ids.ts";
import type { Event } from "../event.ts";
import { parseMoment } from "../fields/date.ts";
import { fieldValues } from "../fields/values.ts";
import { tolerance } from "./new-terms/horizon.ts";

/** Reads an event's time on a rule's time axis: milliseconds since 1970, and for the metrics what was unusual about it. */
export type EventTime = (event: Event) => { readonly at: number; readonly note?: "clamped" | "untimed" };

/** The time axis of the host's own timestamp, whatever the event's data says. */
export const ingestionAxis = "event.ingested";

/**
 * A reader of the times of events. `timestamp` is `event.ingested`, or a field with ISO 8601 text (UTC without a zone,
 * truncated to milliseconds) or milliseconds since 1970. An event without a readable time gets the time of its ingestion
 * and the note `untimed`. A time more than 5 minutes ahead of ingestion is set to 5 minutes ahead and noted as `clamped`,
 * so that one wrong clock cannot make the history of all others expire. An event of a baseline was not ingested when it
 * happened: by `event.ingested`, its time is its `@timestamp`; for an audit event of Kubernetes, which has there when it was
 * read, its `kubernetes.audit.stageTimestamp`.
 */
export const eventTime = (timestamp: string): EventTime => {
  if (timestamp !== ingestionAxis) return ownTime(timestamp);
  const ofAudit = ownTime("kubernetes.audit.stageTimestamp");
  const ofEvent = ownTime("@timestamp");
  return (event) => {
    if (!isOfBaseline(event)) return { at: event.meta.ingested };
    const time = ofAudit(event);
    return time.note === "untimed" ? ofEvent(event) : time;
  };
};

const ownTime = (field: string): EventTime => {
  const values = fieldValues(field);
  return ({ data, meta }) => {
    const at = parseTime(values(data)[0]);
    if (at === undefined) return { at: meta.ingested, note: "untimed" };
    const latest = meta.ingested + tolerance;
    return at > latest ? { at: latest, note: "clamped" } : { at };
  };
};

/** Milliseconds since 1970, or `undefined` if the text is not a time. */
export const parseTime = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseMoment(text)?.at;

let last = 0;
let lastText = new Date(0).toISOString();

/** Milliseconds since 1970, in the format that events use. */
export const timeText = (milliseconds: number): string => {
  // Most events have the time of the one before, and an alert has it several times.
  if (milliseconds !== last) [last, lastText] = [milliseconds, new Date(milliseconds).toISOString()];
  return lastText;
};
