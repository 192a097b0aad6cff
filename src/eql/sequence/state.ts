/** An event of a sequence: when it was, and what tells which one it was. */
export type Reached<Reference> = readonly [time: number, reference: Reference];

/** A sequence that still waits for events. */
export interface Pending<Reference> {
  readonly events: readonly Reached<Reference>[];
  /** When the last event was that must be missing before the first. */
  readonly leading: number | undefined;
  /** An event was there that must be missing: it takes its place until it is complete, and is then dropped. */
  readonly isDoomed: boolean;
}

/** A sequence that has all its events, and waits for the time to pass in which others must be missing. */
export interface Waiting<Reference> {
  readonly events: readonly Reached<Reference>[];
  /** The last moment at which such an event counts. */
  readonly until: number;
}

/** When the last event of a stage was, and when the last one before that time. */
export type Seen = readonly [last: number, before: number | undefined];

/** The state machine of one key. */
export interface SequenceState<Reference> {
  /** By the stage that was reached last. */
  readonly pending: Map<number, Pending<Reference>>;
  /** By the stage of events that must be missing. */
  readonly seen: Map<number, Seen>;
  /** In the order of their last events, and of the times until which they wait. */
  readonly waiting: Waiting<Reference>[];
}

export const emptyState = <Reference>(): SequenceState<Reference> => ({
  pending: new Map(),
  seen: new Map(),
  waiting: [],
});

/** A state as JSON: the stages that were reached with their events, events that must be missing, and what waits. */
export type WrittenState<Reference> = readonly [
  pending: readonly (readonly [
    stage: number,
    events: readonly Reached<Reference>[],
    leading: number | null,
    isDoomed: 0 | 1,
  ])[],
  seen: readonly (readonly [stage: number, last: number, before: number | null])[],
  waiting: readonly (readonly [events: readonly Reached<Reference>[], until: number])[],
];

/** A state as JSON if its references are; `undefined` for one that remembers nothing. */
export const writeState = <Reference>({
  pending,
  seen,
  waiting,
}: SequenceState<Reference>): WrittenState<Reference> | undefined => {
  if (pending.size + seen.size + waiting.length === 0) return undefined;
  return [
    [...pending].map(([stage, { events, leading, isDoomed }]) => [stage, events, leading ?? null, isDoomed ? 1 : 0]),
    [...seen].map(([stage, [last, before]]) => [stage, last, before ?? null]),
    waiting.map(({ events, until }) => [events, until]),
  ];
};

/** The state that `writeState` wrote. */
export const readState = <Reference>([pending, seen, waiting]: WrittenState<Reference>): SequenceState<Reference> => ({
  pending: new Map(
    pending.map(([stage, events, leading, isDoomed]) => [
      stage,
      { events, leading: leading ?? undefined, isDoomed: isDoomed === 1 },
    ]),
  ),
  seen: new Map(seen.map(([stage, last, before]) => [stage, [last, before ?? undefined]])),
  waiting: waiting.map(([events, until]) => ({ events, until })),
});
