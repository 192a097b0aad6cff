import { JoinedEvent, joinedJson } from "./joined-event.ts";
import type { Data } from "./json.ts";
import { type Event, RecordMeta } from "./meta.ts";
import { ChangedRecord, EditedRecord, RecordEvent, recordOf } from "./record-event.ts";
import { soundData } from "./sound-data.ts";

export { type Event, isRecordMeta, type Meta, RecordMeta } from "./meta.ts";

/**
 * Returns the event with other data. Without `id`, it keeps its id. A transform that makes several events from one, or knows
 * the id that the source gave the event, passes the new id, or a function that is called only if the id is needed. Members
 * of `data` taken unchanged from the event are written exactly as in the record.
 */
export const withData = (event: Event, data: Data, id?: string | (() => string)): Event => {
  const { meta } = event;
  const isSame = event.data === data;
  if (isSame && id === undefined) return event;
  const own =
    id === undefined
      ? meta
      : new RecordMeta(meta.source, meta.stream, meta.position, meta.ingested, id, meta, meta.origin);
  if (isSame && event instanceof RecordEvent) return event.under(own);
  const record = recordOf(event);
  return record ? new ChangedRecord(own, data, record) : { data, meta: own };
};

/** Why an event's data cannot be written as JSON: a sentence for people. */
export class NotJson {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * An event's data as one line of JSON. What no transform changed is written as in its record, with the same digits and order
 * of members: the whole record, or those of its members. The rest is written by JSON.stringify. Never throws.
 */
export const jsonOf = (event: Event): string | NotJson =>
  (hasText(event) ? event.text : event instanceof JoinedEvent ? joined(event) : undefined) ?? written(event);

/** Undefined if a part of it cannot be written: the reason is found out when the whole data is. */
const joined = ({ first, shared, last }: JoinedEvent): string | undefined => {
  const parts = [jsonOf(first), shared.jsonBy(stringified), stringified(last)];
  return parts.every((part) => typeof part === "string") ? joinedJson(parts) : undefined;
};

const hasText = (event: Event): event is RecordEvent | ChangedRecord | EditedRecord =>
  event instanceof RecordEvent || event instanceof ChangedRecord || event instanceof EditedRecord;

const written = (event: Event): string | NotJson => {
  try {
    const { data } = event;
    return stringified(data) ?? new NotJson(soundData(data) ?? "JSON.stringify does not return an object for the data");
  } catch (error) {
    return new NotJson(`the data cannot be read: ${(error as Error).message}`);
  }
};

/** Undefined if JSON.stringify fails, or returns something other than an object. */
const stringified = (data: unknown): string | undefined => {
  try {
    const text: string | undefined = JSON.stringify(data);
    return text?.startsWith("{") ? text : undefined;
  } catch {
    return undefined;
  }
};
