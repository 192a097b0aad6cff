import type { Event } from "../event.ts";
import type { State } from "../state.ts";
import { eventTime, ingestionAxis } from "./event-time.ts";

/** The time axis of rules: it says what time it is, and wakes a rule at a time. */
export interface Axis {
  /** Takes note of an event's time. */
  observe(event: Event): void;
  /** Asks for a tick at a time on the axis, or soon after. */
  wake(at: number): void;
  /** The time on the axis at a tick. */
  now(tick: { readonly now: number; readonly idle: number }): number;
}

/** The axis of the field with the events' time. `state` is for this axis alone; its `wake` reaches the host. */
export const axisOf = (timestamp: string, state: State): Axis =>
  timestamp === ingestionAxis ? hostAxis(state) : new EventAxis(timestamp, state);

const hostAxis = (state: State): Axis => ({
  observe: () => undefined,
  wake: (at) => state.wake(at),
  now: ({ now }) => now,
});

interface Reading {
  /** The latest time that an event had. */
  readonly latest: number;
  /** The host's time when that event came. */
  readonly host: number;
  /** The earliest time for which a tick is wanted. */
  readonly wanted: number | undefined;
  /** No event had a readable time yet: `latest` is when the last of them came. */
  readonly isGuess: boolean;
}

/** The least time between two looks at an axis that stands still, in milliseconds. */
const patience = 1_000;

/**
 * The time of events. It is the latest that was seen; events without a readable time count only while there are no others. While the sources are idle it goes on with the host's clock, so that
 * what waits for a time does not wait for the next event.
 */
class EventAxis implements Axis {
  readonly #timeOf: ReturnType<typeof eventTime>;
  readonly #state: State;
  #known: { readonly text: string; readonly reading: Reading } | undefined;

  constructor(timestamp: string, state: State) {
    this.#timeOf = eventTime(timestamp);
    this.#state = state;
  }

  observe(event: Event): void {
    const before = this.#reading();
    const { at, note } = this.#timeOf(event);
    const isGuess = note === "untimed";
    // Old events have old times: one without a time must not end the time of all others.
    if (before && isGuess && !before.isGuess) return;
    if (before && isGuess === before.isGuess && at <= before.latest) return;
    this.#write({ latest: at, host: event.meta.ingested, wanted: before?.wanted, isGuess });
    if (before?.wanted !== undefined && before.wanted <= at) this.#state.wake(event.meta.ingested);
  }

  wake(at: number): void {
    const reading = this.#reading();
    if (!reading) return;
    const { latest, host, wanted } = reading;
    if (wanted === undefined || at < wanted) this.#write({ ...reading, wanted: at });
    this.#state.wake(host + Math.max(0, at - latest));
  }

  now({ now, idle }: { readonly now: number; readonly idle: number }): number {
    const reading = this.#reading();
    if (!reading) return Number.NEGATIVE_INFINITY;
    const { latest, host, wanted } = reading;
    const time = latest + Math.max(0, Math.min(now - host, idle));
    if (wanted !== undefined && wanted > time) this.#state.wake(now + Math.max(patience, wanted - time));
    else if (wanted !== undefined) this.#write({ ...reading, wanted: undefined });
    return time;
  }

  #reading(): Reading | undefined {
    const text = this.#state.get(key);
    if (text === undefined) return undefined;
    if (this.#known?.text === text) return this.#known.reading;
    const [latest, host, wanted, isGuess] = JSON.parse(text) as readonly [number, number, number | null, 1 | undefined];
    return { latest, host, wanted: wanted ?? undefined, isGuess: isGuess === 1 };
  }

  #write(reading: Reading): void {
    const { latest, host, wanted, isGuess } = reading;
    // As long as the longest, so that a full state has room for each change.
    const text = JSON.stringify([latest, host, wanted ?? null, ...(isGuess ? [1] : [])]).padEnd(64);
    this.#known = { text, reading };
    this.#state.set(key, text);
  }
}

const key = "reading";
