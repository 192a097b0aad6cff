import { type State, StateFull } from "../../state.ts";
import type { Hash } from "../hash.ts";
import {
  advance,
  decodeHorizon,
  encodeHorizon,
  expiresAt,
  firstHorizon,
  type Horizon,
  isSameHorizon,
  type Moment,
} from "./horizon.ts";
import { HistoryKeys } from "./keys.ts";
import {
  decodeEntry,
  encodeEntry,
  type HistoryEntry,
  keptFor,
  type Observation,
  observe,
  unexpired,
} from "./observe.ts";
import type { TermNames } from "./term-names.ts";

/**
 * How often expired entries are removed, in milliseconds: not for each event, because it costs the store time, and not so seldom
 * that many have expired, because a large sweep holds up everything.
 */
const sweepEvery = (window: number): number => Math.max(1, Math.min(window / 16, Math.max(window / 1_024, 60_000)));

export interface HistoryOptions {
  /** The owner of the history: the id of a rule or of a component. */
  readonly id: string;
  /** Histories of different versions are separate. */
  readonly version: string;
  /** How far back a sighting counts, in milliseconds. */
  readonly window: number;
  /** How far behind the highest time an event can be and still be judged exactly, in milliseconds. */
  readonly lateness: number;
  readonly state: State;
  readonly hash: Hash;
  /** Where the values of combinations are kept. */
  readonly names: TermNames;
}

export interface Sightings {
  /** What was observed of each key. */
  readonly seen: ReadonlyMap<string, Observation>;
  /** The event is further behind than `lateness`: sightings that its verdict depends on may have expired. */
  readonly late: boolean;
  /** There was no room to remember everything: what was new will be new again. */
  readonly full: boolean;
}

/** A key that stands for a combination of values. */
interface Named {
  readonly key: string;
  readonly values: readonly string[];
}

/** Which terms were seen when. All of it is in `state`, so two objects on the same state share one history. */
export class History {
  /** Its keys in `state`. */
  readonly keys: HistoryKeys;
  readonly #options: HistoryOptions;
  readonly #highest: string;
  /** The last horizon that was written; state may have another one, if that event was rejected. */
  #written: { readonly text: string; readonly horizon: Horizon } | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.keys = new HistoryKeys(options);
    this.#highest = this.keys.key("highest");
  }

  /**
   * Observes all keys of an event together: each is compared with what was known before the event. `named`: those that stand
   * for a combination of values.
   */
  observe(moment: Moment, keys: Iterable<string>, named: Iterable<Named>): Sightings {
    const { window, lateness } = this.#options;
    const { at } = moment;
    const before = this.#horizon(moment);
    const oldest = before.highest - lateness;
    const seen = new Map<string, Observation>();
    // An event may be later than expected: what its own verdict needs is still there, as far as it is stored.
    for (const key of keys) seen.set(key, observe(this.#remembered(key, Math.min(oldest, at)), at, window));
    const after = this.#advance(before, moment);
    const full = !this.#remember(seen, after);
    if (!full) this.#name(named, at, seen, after);
    return { seen, late: at < oldest, full };
  }

  /** False if there was no room for all of them. */
  #remember(seen: ReadonlyMap<string, Observation>, horizon: Horizon): boolean {
    const kept = keptFor(this.#options.window);
    let hasRoom = true;
    for (const [key, { entry }] of seen)
      if (!this.#store(key, encodeEntry(entry), expiresAt(horizon, entry.at(-1)![1], kept))) hasRoom = false;
    return hasRoom;
  }

  #name(named: Iterable<Named>, at: number, seen: Sightings["seen"], horizon: Horizon): void {
    const { names, window } = this.#options;
    for (const { key, values } of named) {
      const { entry, isNew, previous } = seen.get(key)!;
      const last = entry.at(-1)![1];
      // Earlier sightings do not make the entry live longer, and the same time again does not either.
      if (values.length === 0 || last > at || (!isNew && previous === undefined)) continue;
      names.seen(key, values, { at, previous, expires: expiresAt(horizon, last, keptFor(window)) });
    }
  }

  /** False if there was no room. */
  #store(key: string, value: string, expires?: number): boolean {
    try {
      this.#options.state.set(key, value, expires);
      return true;
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      return false;
    }
  }

  #remembered(key: string, oldest: number): HistoryEntry | undefined {
    const text = this.#options.state.get(key);
    return text === undefined ? undefined : unexpired(decodeEntry(text), oldest, this.#options.window);
  }

  #horizon(moment: Moment): Horizon {
    const { state, lateness } = this.#options;
    const text = state.get(this.#highest);
    if (text === undefined) return firstHorizon(moment, lateness);
    return text === this.#written?.text ? this.#written.horizon : decodeHorizon(text, moment.ingested);
  }

  #advance(before: Horizon, moment: Moment): Horizon {
    const { state, window, lateness } = this.#options;
    const after = advance(before, moment, window);
    const time = ({ highest, offset }: Horizon) => highest + offset;
    const stretch = sweepEvery(window);
    const isDue = Math.floor(time(after) / stretch) > Math.floor(time(before) / stretch);
    const swept = isDue ? Math.max(after.swept, time(after) - lateness) : after.swept;
    if (isDue) {
      state.sweep(swept);
      this.#options.names.sweep(swept);
    }
    const horizon = { ...after, swept };
    // Most events come at the time of the one before them.
    if (before === this.#written?.horizon && isSameHorizon(before, horizon)) return before;
    this.#written = { text: encodeHorizon(horizon), horizon };
    // Only in a state that an older version filled up is there no room: the time then stands still.
    this.#store(this.#highest, this.#written.text);
    return horizon;
  }
}
