import { type Event, RecordMeta } from "../event.ts";
import type { Data } from "../json.ts";

export interface TestEventOptions {
  readonly id?: string;
  /** The host's timestamp, in milliseconds since 1970. */
  readonly at?: number;
}

/** An event as a transform gets it, with frozen data. */
export const testEvent = (
  data: Data,
  { id = "test/stream@0", at = Date.UTC(2026, 0, 1) }: TestEventOptions = {},
): Event => ({
  data: frozen(data),
  meta: new RecordMeta("test", "stream", 0, at, id),
});

/** Data as plugins get it: nothing can change it in place. */
export const frozen = <T>(value: T): T => {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
};
