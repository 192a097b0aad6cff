import type { Batch } from "../batch.ts";
import type { State } from "../state.ts";
import { decodeEntry, type Entry, encodeEntry, expiry, type Observation, observe, unexpired } from "./observe.ts";
import { type Hash, tuple } from "./terms.ts";

export interface HistoryOptions {
  /** Whose history it is: a rule's id, or a component's. */
  readonly id: string;
  /** Histories of different versions know nothing of each other. */
  readonly version: string;
  /** How far back a sighting counts, in milliseconds. */
  readonly window: number;
  /** How far behind the highest time an event may be and still be judged exactly, in milliseconds. */
  readonly lateness: number;
  readonly state: State;
  readonly hash: Hash;
}

export interface Sightings {
  /** What was observed of each key. */
  readonly seen: ReadonlyMap<string, Observation>;
  /** The event is further behind than `lateness`: what its verdict needs may have been forgotten. */
  readonly late: boolean;
}

/** Which terms were seen when, kept in `state`. It holds nothing itself: two histories on one state are one. */
export class History {
  readonly #options: HistoryOptions;
  readonly #highest: string;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#highest = this.key("highest");
  }

  /** The key for a kind of term and its values. */
  key(kind: string | number, ...values: readonly string[]): string {
    const { hash, id, version } = this.#options;
    return hash(tuple(id, version, kind, ...values));
  }

  /** Observes all of an event's keys at once: each is judged against what was known before the event. */
  observe(batch: Batch, at: number, keys: Iterable<string>): Sightings {
    const { state, window, lateness } = this.#options;
    const known = state.get(this.#highest);
    const highest = known === undefined ? at : Number(known);
    const oldest = highest - lateness;
    const seen = new Map<string, Observation>();
    for (const key of keys) seen.set(key, observe(this.#remembered(key, oldest), at, window));
    for (const [key, { entry }] of seen) state.set(batch, key, encodeEntry(entry), expiry(entry, window));
    if (known === undefined || at > highest) this.#advance(batch, at, highest);
    return { seen, late: at < oldest };
  }

  #remembered(key: string, oldest: number): Entry | undefined {
    const text = this.#options.state.get(key);
    return text === undefined ? undefined : unexpired(decodeEntry(text), oldest, this.#options.window);
  }

  #advance(batch: Batch, at: number, from: number): void {
    const { state, window, lateness } = this.#options;
    state.set(batch, this.#highest, String(at));
    // Removing is work for the store, so it is asked for a few times a window, not with each event.
    const stretch = Math.max(1, window / 16);
    if (Math.floor(at / stretch) > Math.floor(from / stretch)) state.sweep(batch, at - lateness);
  }
}
