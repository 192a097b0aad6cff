import { parseTime } from "../detection/event-time.ts";
import { type Event, RecordEvent } from "../event.ts";
import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";

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

/** How much of the text of a record is searched for a time, in characters. */
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
  if (field !== undefined) {
    const values = fieldValues(field);
    return ({ data }) => checked(timeOf(values(data)[0]), field);
  }
  return (event) => {
    const { data } = event;
    for (const name of knownTimes) {
      if (!Object.hasOwn(data, name)) continue;
      const found = checked(timeOf(data[name]), name);
      if (found) return found;
    }
    return checked(timeInText(textOf(event, data)), "text");
  };
};

/** The text of a record, as far as it is searched. */
const textOf = (event: Event, data: Data): string => {
  const { message } = data;
  if (typeof message === "string") return message.slice(0, searched);
  const text = event instanceof RecordEvent ? event.text : undefined;
  return (text ?? JSON.stringify(data)).slice(0, searched);
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

/** The first time in a text, as ISO 8601 or as in access logs; after the word `stageTimestamp` if it is there. */
const timeInText = (text: string): number | undefined => {
  const stage = text.indexOf("stageTimestamp");
  const part = stage < 0 ? text : text.slice(stage);
  const iso = isoTime.exec(part);
  if (iso) return parseTime(`${iso[1]}T${iso[2]}${iso[3] ?? ""}${iso[4] ?? "Z"}`);
  const [, day, month = "", year, clock, zone] = accessLogTime.exec(part) ?? [];
  const index = months.indexOf(month);
  return index < 0 ? undefined : parseTime(`${year}-${String(index + 1).padStart(2, "0")}-${day}T${clock}${zone}`);
};
