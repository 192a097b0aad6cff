import { parseTime } from "../detection/event-time.ts";
import type { Event } from "../event.ts";
import { fieldValues } from "../fields/values.ts";
import { type Data, isObject } from "../json.ts";
import { RecordEvent } from "../record-event.ts";

/** Where the time of a record was found: a field, or `text` for the first time in its text. */
export interface FoundTime {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly where: string;
}

export type TimeReader = (event: Event) => FoundTime | undefined;

/** Members in which the common formats of logs have the time at which an event was recorded; earlier ones count more. */
export const knownTimes = [
  "stageTimestamp",
  "@timestamp",
  "timestamp",
  "time",
  "eventTime",
  "ts",
  "date",
  "datetime",
  "requestReceivedTimestamp",
] as const;

/** How much of a text without known members is searched for a time, in characters. */
const searched = 4096;
/** How far a time may be ahead of the clock of this machine, in milliseconds: one day. */
const ahead = 86_400_000;

/**
 * Finds the time at which a record was written: in `field`, or without it in one of the members that common formats have, or
 * else the first time in its text. A time before 1970, or more than a day after `now`, is none.
 */
export const timeReader = (field: string | undefined, now = Date.now()): TimeReader => {
  const checked = (at: number | undefined, where: string): FoundTime | undefined =>
    at !== undefined && at >= 0 && at <= now + ahead ? { at, where } : undefined;
  const readers = field === undefined ? [] : [fieldValues(field)];
  const ofData = (data: Data): FoundTime | undefined => {
    for (const read of readers) return checked(timeOf(read(data)[0]), field!);
    for (const name of knownTimes) {
      const found = Object.hasOwn(data, name) ? checked(timeOf(data[name]), name) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  return (event) => {
    const { data } = event;
    const found = ofData(data);
    if (found) return found;
    const text = textOf(event, data);
    const stage = field === undefined ? text.lastIndexOf(stageTime) : -1;
    // Its last member but the annotations, in an envelope or as the text of a line: it is found faster than it is parsed.
    if (stage >= 0) return checked(timeInText(text.slice(stage, stage + 80)), stageTime);
    const parsed = typeof data["message"] === "string" && text.startsWith("{") ? objectIn(text) : undefined;
    const within = parsed && ofData(parsed);
    if (within || field !== undefined) return within;
    return checked(timeInText(text.slice(0, searched)), "text");
  };
};

const stageTime = "stageTimestamp";

/** The text of a record: a line, or JSON. */
const textOf = (event: Event, { message }: Data): string => {
  if (typeof message === "string") return message;
  return (event instanceof RecordEvent ? event.text : undefined) ?? JSON.stringify(event.data);
};

const objectIn = (text: string): Data | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? (value as Data) : undefined;
  } catch {
    return undefined;
  }
};

/** A value as a time: ISO 8601, or the seconds, milliseconds, microseconds or nanoseconds since 1970. */
const timeOf = (value: unknown): number | undefined => {
  if (typeof value === "string") return /^\d+(\.\d+)?$/.test(value) ? ofEpoch(Number(value)) : timeInText(value);
  return typeof value === "object" ? undefined : ofEpoch(Number(value));
};

const ofEpoch = (amount: number): number | undefined => {
  if (!Number.isFinite(amount) || amount < 1e8) return undefined;
  if (amount < 1e11) return Math.floor(amount * 1000);
  return Math.floor(amount < 1e14 ? amount : amount < 1e17 ? amount / 1e3 : amount / 1e6);
};

/** Each part has a fixed number of characters, or is limited: no text takes long. */
const isoTime = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)([.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?/;
const accessLogTime = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The first time in a text, as ISO 8601 or as in access logs. */
const timeInText = (text: string): number | undefined => {
  const iso = isoTime.exec(text);
  if (iso) return parseTime(`${iso[1]}T${iso[2]}${iso[3] ?? ""}${iso[4] ?? "Z"}`);
  const [, day, month = "", year, clock, zone] = accessLogTime.exec(text) ?? [];
  const index = months.indexOf(month);
  return index < 0 ? undefined : parseTime(`${year}-${String(index + 1).padStart(2, "0")}-${day}T${clock}${zone}`);
};
