import { type Event, withData } from "../../event.ts";
import { mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import { StateFull } from "../../state.ts";
import { TimedKeys } from "../../timed-keys/timed-keys.ts";
import type { Note } from "../../transform/transform.ts";
import { combine } from "../combinations.ts";
import { eventTime, ingestionAxis, timeText } from "../event-time.ts";
import { type Hash, tuple } from "../hash.ts";
import type { Detector, DetectorTools, EventTools } from "../rule-type.ts";
import { decodeGroup, encodeGroup, type Group } from "./group.ts";
import { type Reached, reached, type Sighting, thin, withSighting } from "./sightings.ts";
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
 * `clamped`, `untimed`, `overflow` and `state_full` (there was no room to count an event) count events.
 */
export const threshold = (
  { fields, value, cardinality, window, lateness = window }: ThresholdOptions,
  { selection, state, hash, timestamp, types }: Omit<DetectorTools, "alertId"> & { readonly selection: string },
): Extract<Detector, object> => {
  const keys = new TimedKeys(state);
  const valuesOf = (field: string) => fieldValues(field, mappingWith(field, types));
  const readers = fields.map(valuesOf);
  const [counted] = cardinality;
  const readCounted = counted && valuesOf(counted.field);
  const readTime = eventTime(timestamp);
  const wanted = { value, cardinality: counted?.value ?? 0, window };
  const version = hash(tuple(["threshold", selection, timestamp, window, counted?.field ?? "", ...fields]));
  const kept = window + lateness;
  const manySightings = 4 * (value + wanted.cardinality) + 64;

  /** The last group that was stored. A burst is of one group, and reading it takes as long as writing it. */
  let stored: { readonly text: string; readonly group: Group } | undefined;
  const decode = (text: string): Group => (stored?.text === text ? stored.group : decodeGroup(text));

  /** What is known of a group; nothing if the host's clock was set back since, by more than what is kept. */
  const known = (key: string, at: number): Group | undefined => {
    const text = keys.get(key);
    const group = text === undefined ? undefined : decode(text);
    return group && timestamp === ingestionAxis && group.newest - at > kept ? undefined : group;
  };

  const store = (key: string, group: Group, note: Note): void => {
    try {
      const text = encodeGroup(group);
      keys.set(key, text, group.newest + kept + 1);
      stored = { text, group };
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      note("state_full");
    }
  };

  const observe = (
    key: string,
    sighting: Sighting,
    { note, look }: { readonly note: Note; readonly look?: ((seen: readonly Sighting[]) => void) | undefined },
  ): Reached | "alerted" | undefined => {
    const { at } = sighting;
    const { alerted, newest, sightings } = known(key, at) ?? { alerted: undefined, newest: at, sightings: [] };
    if (at < newest - lateness) note("late");
    if (alerted !== undefined && at <= alerted) return "alerted";
    const latest = Math.max(newest, at);
    const all = withSighting(sightings, sighting).filter((each) => each.at >= latest - kept);
    look?.(all);
    const found = reached(all, at, wanted);
    const left = found ? all.filter((each) => each.at > found.last) : all;
    const few = counted && left.length > manySightings ? thin(left, wanted) : left;
    store(key, { alerted: found ? found.last : alerted, newest: latest, sightings: few }, note);
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
      if (final) return;
      keys.tick({ now, final }, (_key, text) => {
        const due = decodeGroup(text).newest + kept + 1;
        return due <= now ? undefined : { value: text, due };
      });
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
