import { type State, StateFull } from "../../state.ts";
import { type Hash, tuple } from "../hash.ts";
import { decodeEntry, type Entry, encodeEntry, expiry, type Observation, observe, unexpired } from "./observe.ts";

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
  /** There was no room to remember all of it: what was new will be new again. */
  readonly full: boolean;
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
  observe(at: number, keys: Iterable<string>): Sightings {
    const { state, window, lateness } = this.#options;
    const known = state.get(this.#highest);
    const highest = known === undefined ? at : Number(known);
    const oldest = highest - lateness;
    const seen = new Map<string, Observation>();
    for (const key of keys) seen.set(key, observe(this.#remembered(key, oldest), at, window));
    const full = !this.#remember(seen);
    if (known === undefined || at > highest) this.#advance(at, highest);
    return { seen, late: at < oldest, full };
  }

  /** False when there was no room for some of it. */
  #remember(seen: ReadonlyMap<string, Observation>): boolean {
    const { state, window } = this.#options;
    let hasRoom = true;
    for (const [key, { entry }] of seen)
      try {
        state.set(key, encodeEntry(entry), expiry(entry, window));
      } catch (error) {
        if (!(error instanceof StateFull)) throw error;
        hasRoom = false;
      }
    return hasRoom;
  }

  #remembered(key: string, oldest: number): Entry | undefined {
    const text = this.#options.state.get(key);
    return text === undefined ? undefined : unexpired(decodeEntry(text), oldest, this.#options.window);
  }

  #advance(at: number, from: number): void {
    const { state, window, lateness } = this.#options;
    state.set(this.#highest, String(at));
    // Removing is work for the store, so it is asked for a few times a window, not with each event.
    const stretch = Math.max(1, window / 16);
    if (Math.floor(at / stretch) > Math.floor(from / stretch)) state.sweep(at - lateness);
  }
}
