import { type Event, isRecordMeta, type Meta } from "../event.ts";

/** Whether `meta` is `from`, or belongs to an event made from the event of `from`. */
export const descends = (meta: Meta, from: Meta): boolean => {
  for (let at: Meta | undefined = meta; at; at = at.parent) if (at === from) return true;
  return false;
};

/** Whether a value from a plugin is an event. It does not read `data`, which may not be parsed yet. */
export const isEvent = (value: unknown): value is Event => isLikeEvent(value) && isRecordMeta(value.meta);

/** Whether a value looks like an event but has a copied or invented meta. */
export const isForged = (value: unknown): boolean => isLikeEvent(value) && !isRecordMeta(value.meta);

const isLikeEvent = (value: unknown): value is Event =>
  typeof value === "object" &&
  value !== null &&
  "data" in value &&
  typeof (value as Event).meta === "object" &&
  (value as Event).meta !== null;
