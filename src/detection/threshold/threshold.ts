import { type Event, withData } from "../../event.ts";
import { mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Note } from "../../transform/transform.ts";
import { combine } from "../combinations.ts";
import { eventTime, ingestionAxis, timeText } from "../event-time.ts";
import { type Hash, tuple } from "../hash.ts";
import type { DetectEvent, Detector, DetectorTools, EventTools } from "../rule-type.ts";
import { Group } from "./group.ts";
import { Groups } from "./groups.ts";
import type { Reached, Sighting } from "./sightings.ts";
import { traceGroup } from "./trace.ts";

export interface ThresholdOptions {
  /** Events with the same values in these fields are counted together; without a field, all are. */
  readonly fields: readonly string[];
  /** How many events raise an alert. */
  readonly value: number;
  /** How many different values a field must have among these events. */
  readonly cardinality: readonly { readonly field: string; readonly value: number }[];
  /** How long the events may be apart, in milliseconds. */
  readonly window: number;
  /** How late an event can be and still be counted exactly, in milliseconds; by default the window. */
  readonly lateness?: number | undefined;
}

/** What was found in an event, under `weir.threshold` in the data that it is sent with. Times are ISO 8601 in UTC. */
export interface Threshold {
  /** Id of the event that reached the threshold. */
  readonly event_id: string;
  readonly terms: readonly { readonly field: string; readonly value: string }[];
  readonly cardinality: readonly { readonly field: string; readonly value: number }[];
  readonly count: number;
  /** The times of the first and last event that was counted. */
  readonly from: string;
  readonly to: string;
}

/** The most values of one event that are counted: a client can put many addresses into a header. */
const mostValues = 100;

/**
 * Counts the events of each group, in windows that slide with them. The event that completes a window is sent with the
 * values of the group and the result. Each event belongs to one alert at most: what comes up to the time of the last event
 * in an alert is `alerted`. Others are `counted`, or `no_terms` without a value in one of the fields. The notes `late`,
 * `clamped`, `untimed`, `overflow`, `state_full` (there was no room to count an event) and `thinned` count events.
 *
 * Alerts are exact while a group has at most `mostExact` events that can still be part of one. Only with `cardinality` it may
 * have more: then events are left out that rarely make a difference, and are noted as `thinned`.
 */
export const threshold = (
  { fields, value, cardinality, window, lateness = window }: ThresholdOptions,
  { selection, state, hash, timestamp, types }: Omit<DetectorTools, "alertId"> & { readonly selection: string },
  { mostExact }: { readonly mostExact: number } = { mostExact: 100_000 },
): Exclude<Detector, DetectEvent> => {
  const valuesOf = (field: string) => fieldValues(field, mappingWith(field, types));
  const readers = fields.map(valuesOf);
  const [counted] = cardinality;
  const readCounted = counted && valuesOf(counted.field);
  const readTime = eventTime(timestamp);
  const wanted = { value, cardinality: counted?.value ?? 0, window };
  const version = hash(tuple(["threshold", selection, timestamp, window, counted?.field ?? "", ...fields]));
  const kept = window + lateness;
  const groups = new Groups(state, kept);

  const groupOf = (key: string, at: number): Group => {
    const group =
      groups.take(key) ?? new Group({ alerted: undefined, newest: at, sightings: [], chunks: [], changes: 0 });
    // The host's clock was set back since.
    if (timestamp === ingestionAxis && group.newest - at > kept) group.begin(at);
    return group;
  };

  const observe = (
    key: string,
    sighting: Sighting,
    { note, look }: { readonly note: Note; readonly look?: ((seen: readonly Sighting[]) => void) | undefined },
  ): Reached | "alerted" | undefined => {
    const { at } = sighting;
    const group = groupOf(key, at);
    const { newest, alerted, timeline } = group;
    if (at < newest - lateness) note("late");
    const isAlerted = alerted !== undefined && at <= alerted;
    if (isAlerted || at < newest - kept) {
      look?.(timeline.slice(0, timeline.length));
      groups.putBack(key, group);
      return isAlerted ? "alerted" : undefined;
    }
    group.leaveOutBefore(Math.max(newest, at) - kept);
    const place = group.add(sighting);
    look?.(timeline.slice(0, timeline.length));
    const found = timeline.reached(place, wanted);
    if (found) group.raised(found.last);
    else if (counted) {
      const thinned = group.shorten(wanted, mostExact);
      if (thinned > 0) note("thinned", thinned);
    }
    if (!groups.store(key, group)) note("state_full");
    return found;
  };

  const event = (event: Event, { note, trace }: EventTools): readonly Event[] | string => {
    const { combinations, total } = combine(readers.map((read) => read(event.data)));
    if (total === 0) return "no_terms";
    const different = readCounted ? [...new Set(readCounted(event.data))] : [];
    if (total > combinations.length || different.length > mostValues) note("overflow");
    const { at, note: oddity } = readTime(event);
    if (oddity) note(oddity);
    const sighting = { at, weight: 1, values: different.slice(0, mostValues).map(hash) };
    const results = combinations.map((values) => {
      const seen: Sighting[] = [];
      const look = trace && ((all: readonly Sighting[]) => void seen.push(...all));
      const found = observe(hash(tuple([version, ...values])), sighting, { note, look });
      if (trace) traceGroup({ fields, values, found, at, seen, wanted, counted: counted?.field }, trace);
      return { values, found };
    });
    const sent = results.flatMap(({ values, found }) => {
      if (found === undefined || found === "alerted") return [];
      const terms = values.map((term, index) => ({ field: fields[index]!, value: term }));
      return [tell(event, terms, found, { field: counted?.field, hash })];
    });
    if (sent.length > 0) return sent;
    return results.every(({ found }) => found === "alerted") ? "alerted" : "counted";
  };

  return {
    event,
    tick: ({ now, final }) => {
      // What was counted before the end of the sources counts when they come again.
      if (!final) groups.tick(now);
    },
  };
};

const tell = (
  event: Event,
  terms: Threshold["terms"],
  { first, last, count, distinct }: Reached,
  { field, hash }: { readonly field: string | undefined; readonly hash: Hash },
): Event => {
  const found: Threshold = {
    event_id: event.meta.id,
    terms,
    cardinality: field === undefined ? [] : [{ field, value: distinct }],
    count,
    from: timeText(first),
    to: timeText(last),
  };
  const data = Object.fromEntries(terms.map(({ field, value }) => [field, value]));
  const id = () => hash(tuple(["threshold", event.meta.id, ...terms.map(({ value }) => value)]));
  return withData(event, { ...data, weir: { threshold: found } }, id);
};
