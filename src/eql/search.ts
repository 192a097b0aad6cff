import type { Data } from "../json.ts";
import type { CompiledEql } from "./compile.ts";
import type { JoinKey } from "./keys.ts";
import type { EqlPipe } from "./node.ts";
import { type Candidates, type CompiledSample, compareKeys, sampleOf, withCandidate } from "./sample.ts";
import { type CompleteSequence, SequenceMatcher } from "./sequence/matcher.ts";
import type { CompiledSequence } from "./sequence/sequence.ts";
import type { SequenceState } from "./sequence/state.ts";
import type { Value } from "./value.ts";

/** An event of a finite set. */
export interface SearchedEvent {
  readonly data: Data;
  /** In milliseconds. A sample does not need it. */
  readonly time: number;
}

/** What a search finds. The events of a sequence are `undefined` where one is missing. */
export interface Found<Event> {
  readonly events: readonly (Event | undefined)[];
  /** The values by which the events are joined. */
  readonly keys: readonly Value[];
}

/**
 * Searches a finite set of events as Elasticsearch's `_eql/search` does. Events are in the order of their time, and those
 * of one time in the order of their tiebreaker. At most `size` are found: the last ones, but of samples the first.
 */
export const searchEql = <Event extends SearchedEvent>(
  query: CompiledEql,
  events: readonly Event[],
  size = 10,
): readonly Found<Event>[] => {
  if (query.type === "sample") return samples(query, events).slice(0, size);
  const found =
    query.type === "event"
      ? events.filter(({ data }) => query.matches(data)).map((event) => ({ events: [event], keys: [] }))
      : sequences(query, events);
  return piped(found, [...query.pipes, { name: "tail", count: size }]);
};

const piped = <Item>(items: readonly Item[], pipes: readonly EqlPipe[]): readonly Item[] =>
  pipes.reduce(
    (left, { name, count }) => (name === "head" ? left.slice(0, count) : left.slice(Math.max(0, left.length - count))),
    items,
  );

const sequences = <Event extends SearchedEvent>(
  { plan, hits }: CompiledSequence,
  events: readonly Event[],
): readonly Found<Event>[] => {
  const matcher = new SequenceMatcher<number>(plan, { mostWaiting: Number.POSITIVE_INFINITY });
  const machines = new Map<string, { readonly key: JoinKey; readonly state: SequenceState<number> }>();
  const found: { readonly last: number; readonly found: Found<Event> }[] = [];
  const add = (key: JoinKey, complete: readonly CompleteSequence<number>[]) => {
    for (const sequence of complete) {
      const references = sequence.map((reached) => reached?.[1]);
      const last = references.reduce<number>((most, reference) => Math.max(most, reference ?? 0), 0);
      const matched = references.map((reference) => (reference === undefined ? undefined : events[reference]));
      found.push({ last, found: { events: matched, keys: key.values } });
    }
  };
  for (const [reference, { data, time }] of events.entries())
    for (const { key, stages, isUntil } of hits(data)) {
      const machine = machines.get(key.text) ?? { key, state: matcher.empty() };
      machines.set(key.text, machine);
      add(key, matcher.accept(machine.state, { time, reference, stages, isUntil }));
    }
  for (const { key, state } of machines.values()) add(key, matcher.tick(state, Number.POSITIVE_INFINITY));
  return found.toSorted((a, b) => a.last - b.last).map((item) => item.found);
};

const samples = <Event extends SearchedEvent>(query: CompiledSample, events: readonly Event[]): Found<Event>[] => {
  const groups = new Map<string, { readonly key: JoinKey; candidates: Candidates<Event> }>();
  for (const event of events)
    for (const hit of query.hits(event.data)) {
      const candidates = withCandidate(groups.get(hit.key.text)?.candidates, hit, event, query.count);
      groups.set(hit.key.text, { key: hit.key, candidates });
    }
  return [...groups.values()]
    .toSorted((a, b) => compareKeys(a.key, b.key))
    .flatMap(({ key, candidates }) => {
      const chosen = sampleOf(candidates);
      return chosen ? [{ events: chosen, keys: key.values }] : [];
    });
};
