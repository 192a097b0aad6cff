import { isObject, type Json } from "../json.ts";

/**
 * The position of a sink in the order of its events, to keep in its `record`. An event that is delivered again after a crash has the
 * same place. For sinks that write one batch at a time.
 */
export interface DeliveryPlace {
  /** Differs for each data dir, so that no weir mistakes another weir's events for its own. */
  readonly writer: string;
  /** The number of events in all earlier writes. */
  readonly position: number;
}

/** The place in the record of an earlier run, or a new place if there is no such record. */
export const placeIn = (recorded: Json | undefined, newWriter: () => string): DeliveryPlace =>
  isObject(recorded) && typeof recorded["writer"] === "string" && Number.isSafeInteger(recorded["position"])
    ? { writer: recorded["writer"], position: Number(recorded["position"]) }
    : { writer: newWriter(), position: 0 };

/** The place after a write of `events` events. */
export const placeAfter = ({ writer, position }: DeliveryPlace, events: number): DeliveryPlace => ({
  writer,
  position: position + events,
});
