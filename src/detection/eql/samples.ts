import { type CompiledSample, type SampleHit, sampleOf } from "../../eql/index.ts";
import { withData } from "../../event.ts";
import { StateFull } from "../../state.ts";
import { TimedKeys } from "../../timed-keys/timed-keys.ts";
import type { Trace } from "../../transform/trace.ts";
import type { Note } from "../../transform/transform.ts";
import { eventTime, ingestionAxis, timeText } from "../event-time.ts";
import { tuple } from "../hash.ts";
import { tolerance } from "../new-terms/horizon.ts";
import type { Detector } from "../rule-type.ts";
import { type Document, Documents, documentOf, shortDocument } from "./documents.ts";
import { type Group, groupAlerts, shortGroup } from "./group.ts";
import { keyTexts } from "./key-texts.ts";
import { roomFor, type SeveralTools, withinLimits } from "./several.ts";
import { keyTitle } from "./trace.ts";

/** An event: its time, the number of its document, and a hash of its id. */
type Place = readonly [at: number, reference: number, id?: string];

/** What is known of a key. */
interface Candidates {
  /** The latest time of an event. */
  readonly newest: number;
  /** The number of the next document. */
  readonly next: number;
  /** For each place of a sample the events that can take it: the latest ones. */
  readonly places: readonly (readonly Place[])[];
}

const referencesOf = ({ places }: Candidates): ReadonlySet<number> =>
  new Set(places.flatMap((events) => events.map(([, reference]) => reference)));

const encode = ({ newest, next, places }: Candidates): string => JSON.stringify([newest, next, places]);

const decode = (text: string): Candidates => {
  const [newest, next, places] = JSON.parse(text) as [number, number, Candidates["places"]];
  return { newest, next, places };
};

/**
 * Finds samples: for each key, the event that is the last one to come raises the alert, and the key starts again. Its events
 * are at most a window apart. For each place the latest events are kept, as many as a sample has places: with more there
 * is no other sample.
 */
export const samples = (
  { count, hits, by, guard }: CompiledSample,
  { rule, window, lateness, version, tools: { state, hash, timestamp, alertId } }: SeveralTools,
): Extract<Detector, object> => {
  const keys = new TimedKeys(state.scope("keys"));
  const documents = new Documents(state.scope("events"));
  const readTime = eventTime(timestamp);
  const isHost = timestamp === ingestionAxis;
  const dueOf = ({ newest }: Candidates) => newest + window + lateness + (isHost ? 0 : tolerance) + 1;
  const none: Candidates["places"] = Array.from({ length: count }, () => []);

  const known = (key: string, at: number): Candidates => {
    const text = keys.get(key);
    const found = text === undefined ? { newest: at, next: 0, places: none } : decode(text);
    // The host's clock was set back.
    return isHost && found.newest - at > window + tolerance ? { ...found, newest: at, places: none } : found;
  };

  const forgetAll = (key: string): void => {
    const text = keys.get(key);
    if (text !== undefined) documents.forget(key, referencesOf(decode(text)), new Set());
    keys.delete(key);
  };

  const accept = (
    { key: { text, values }, places }: SampleHit,
    given: Document,
    { note, among }: { readonly note: Note; readonly among: number },
  ): readonly Group[] => {
    const key = version + hash(tuple([text]));
    const { newest: before, next, places: old } = known(key, given.at);
    const newest = Math.max(before, given.at);
    const isAlive = ([at]: Place) => at >= newest - window;
    if (!isAlive([given.at, next])) {
      note("late");
      return [];
    }
    const id = hash(given.id);
    if (old.some((events) => events.some(([, , other]) => other === id))) {
      note("repeated");
      return [];
    }
    const room = roomFor(count * among);
    const document = shortDocument(given, room);
    const all = old.map((events, place) =>
      [...events.filter(isAlive), ...(places.includes(place) ? [[given.at, next, id] as const] : [])]
        .toSorted(([a], [b]) => a - b)
        .slice(-count),
    );
    const chosen = sampleOf(all.map((events) => events.map(([, reference]) => reference)));
    if (chosen) {
      const found = chosen.flatMap(
        (reference) => (reference === next ? document : documents.get(key, reference)) ?? [],
      );
      forgetAll(key);
      const group: Group = { type: "sample", documents: found, keys: keyTexts(values, hash), missing: 0 };
      return [among === 1 ? group : shortGroup(group, room)];
    }
    const candidates: Candidates = { newest, next: next + 1, places: all };
    const stored = keys.get(key);
    try {
      const after = referencesOf(candidates);
      if (after.has(next)) documents.set(key, next, document);
      keys.set(key, encode(candidates), dueOf(candidates));
      if (stored !== undefined) documents.forget(key, referencesOf(decode(stored)), after);
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      note("state_full");
      documents.forget(key, [next], new Set());
    }
    return [];
  };

  const hitsOf = withinLimits(hits);

  /** Says what a key has, and what it lacks. */
  const traceHit = (
    { key: { text, values } }: SampleHit,
    { at, isComplete }: { readonly at: number; readonly isComplete: boolean },
    trace: Trace,
  ): void => {
    const title = keyTitle(by, keyTexts(values, hash));
    const { places, newest } = known(version + hash(tuple([text])), at);
    const lacking = places.flatMap((events, place) => (events.length === 0 ? [place + 1] : []));
    const until = `until ${timeText(newest + window)}`;
    const waits =
      lacking.length > 0
        ? `waits for part ${lacking.join(", ")} of ${count} ${until}`
        : `waits for another event ${until}`;
    trace({ title, outcome: isComplete ? "the sample is complete; the key starts again" : waits });
  };

  return {
    guard,
    event: (event, { note, trace }) => {
      const found = hitsOf(event.data, note);
      if (found.length === 0) return "filtered";
      const { document } = documentOf(event, readTime, note);
      const alerts = found
        .flatMap((hit) => {
          const groups = accept(hit, document, { note, among: found.length });
          if (trace) traceHit(hit, { at: document.at, isComplete: groups.length > 0 }, trace);
          return groups;
        })
        .flatMap((group) => groupAlerts(group, { rule: rule.id, alertId }));
      return alerts.length > 0 ? alerts.map((each) => withData(event, each)) : "remembered";
    },
    tick: ({ now, final }) => {
      // What came before the end of the sources counts when they come again.
      if (final) return;
      keys.tick({ now, final }, (key, text) => {
        const candidates = decode(text);
        const due = dueOf(candidates);
        if (due > now && key.startsWith(version)) return { value: text, due };
        documents.forget(key, referencesOf(candidates), new Set());
        return undefined;
      });
    },
  };
};
