import type { Event, Meta } from "../event.ts";

/** Whether `meta` is that of an event, or of one made from it. */
export const descends = (meta: Meta, from: Meta): boolean => {
  for (let at: Meta | undefined = meta; at; at = at.parent) if (at === from) return true;
  return false;
};

/** What a plugin may return is checked, whatever its types say. It does not read the data, which may not be parsed yet. */
export const isEvent = (value: unknown): value is Event =>
  typeof value === "object" && value !== null && "data" in value && isMeta((value as Event).meta);

const isMeta = (meta: unknown): boolean =>
  typeof meta === "object" && meta !== null && typeof (meta as Meta).source === "string";
