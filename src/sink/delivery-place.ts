import { isObject, type Json } from "../json.ts";

/**
 * The place of a sink in the order of its events, for its `record`: an event that is delivered again after a crash has the same
 * place. For sinks that write one batch at a time.
 */
export interface DeliveryPlace {
  /** Differs for each data dir, so that no weir takes what another one wrote for its own. */
  readonly writer: string;
  /** Events of all writes before this one. */
  readonly position: number;
}

/** The place that a record of an earlier run has; a new one without such a record. */
export const placeIn = (recorded: Json | undefined, newWriter: () => string): DeliveryPlace =>
  isObject(recorded) && typeof recorded["writer"] === "string" && Number.isSafeInteger(recorded["position"])
    ? { writer: recorded["writer"], position: Number(recorded["position"]) }
    : { writer: newWriter(), position: 0 };

/** The place after a write of so many events. */
export const placeAfter = ({ writer, position }: DeliveryPlace, events: number): DeliveryPlace => ({
  writer,
  position: position + events,
});
