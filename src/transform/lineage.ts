import { type Event, isRecordMeta, type Meta } from "../event.ts";

/** Whether `meta` is that of an event, or of one made from it. */
export const descends = (meta: Meta, from: Meta): boolean => {
  for (let at: Meta | undefined = meta; at; at = at.parent) if (at === from) return true;
  return false;
};

/** What a plugin may return is checked, whatever its types say. It does not read the data, which may not be parsed yet. */
export const isEvent = (value: unknown): value is Event => isLikeEvent(value) && isRecordMeta(value.meta);

/** It looks like an event, but its meta is a copy, or one that the plugin made up. */
export const isForged = (value: unknown): boolean => isLikeEvent(value) && !isRecordMeta(value.meta);

const isLikeEvent = (value: unknown): value is Event =>
  typeof value === "object" &&
  value !== null &&
  "data" in value &&
  typeof (value as Event).meta === "object" &&
  (value as Event).meta !== null;
