import type { Reached, SequenceState, WrittenState } from "../../eql/sequence/state.ts";
import { readState, writeState } from "../../eql/sequence/state.ts";

/** The state machine of one key, and what it needs besides. Its events are numbers of documents. */
export interface Machine {
  /** The values of the key. */
  readonly keys: readonly (string | null)[];
  /** The time of the last event that it took, in milliseconds since 1970. */
  readonly last: number;
  /** The number of the next document. */
  readonly next: number;
  readonly state: SequenceState<number>;
}

/** The numbers of the documents that the machine refers to. */
export const referencesOf = ({ pending, waiting }: SequenceState<number>): ReadonlySet<number> => {
  const references = new Set<number>();
  for (const { events } of [...pending.values(), ...waiting])
    for (const [, reference] of events) references.add(reference);
  return references;
};

/** Drops the sequences that a document is part of. */
export const dropSequencesWith = ({ pending, waiting }: SequenceState<number>, dropped: number): void => {
  const isIn = (events: readonly Reached<number>[]) => events.some(([, reference]) => reference === dropped);
  for (const [stage, { events }] of pending) if (isIn(events)) pending.delete(stage);
  const left = waiting.filter(({ events }) => !isIn(events));
  waiting.splice(0, waiting.length, ...left);
};

type Encoded = readonly [
  keys: readonly (string | null)[],
  last: number,
  next: number,
  times: readonly (readonly [reference: number, time: number])[],
  pending: readonly (readonly [
    stage: number,
    references: readonly number[],
    leading: number | null,
    isDoomed: 0 | 1,
  ])[],
  seen: WrittenState<number>[1],
  waiting: readonly (readonly [references: readonly number[], until: number])[],
];

/** As JSON in which the time of an event stands once; `undefined` for a machine that remembers nothing. */
export const encodeMachine = ({ keys, last, next, state }: Machine): string | undefined => {
  const written = writeState(state);
  if (!written) return undefined;
  const times = new Map<number, number>();
  const numbers = (events: readonly Reached<number>[]) =>
    events.map(([time, reference]) => {
      times.set(reference, time);
      return reference;
    });
  const [pending, seen, waiting] = written;
  const short = pending.map(([stage, events, ...rest]) => [stage, numbers(events), ...rest] as const);
  const late = waiting.map(([events, until]) => [numbers(events), until] as const);
  return JSON.stringify([keys, last, next, [...times], short, seen, late] satisfies Encoded);
};

export const decodeMachine = (text: string): Machine => {
  const [keys, last, next, times, pending, seen, waiting] = JSON.parse(text) as Encoded;
  const timeOf = new Map(times);
  const events = (references: readonly number[]) =>
    references.map((reference): Reached<number> => [timeOf.get(reference)!, reference]);
  const state = readState<number>([
    pending.map(([stage, references, ...rest]) => [stage, events(references), ...rest]),
    seen,
    waiting.map(([references, until]) => [events(references), until]),
  ]);
  return { keys, last, next, state };
};
