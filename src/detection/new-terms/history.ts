import { type State, StateFull } from "../../state.ts";
import { type Hash, tuple } from "../hash.ts";
import {
  decodeEntry,
  encodeEntry,
  expiry,
  type HistoryEntry,
  type Observation,
  observe,
  unexpired,
} from "./observe.ts";

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
}

export interface Sightings {
  /** What was observed of each key. */
  readonly seen: ReadonlyMap<string, Observation>;
  /** The event is further behind than `lateness`: sightings that its verdict depends on may have expired. */
  readonly late: boolean;
  /** There was no room to remember everything: what was new will be new again. */
  readonly full: boolean;
}

/** Which terms were seen when. All of it is in `state`, so two objects on the same state share one history. */
export class History {
  readonly #options: HistoryOptions;
  readonly #highest: string;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.#highest = this.key("highest");
  }

  /** The key of a kind of term with its values. */
  key(kind: string | number, ...values: readonly string[]): string {
    const { hash, id, version } = this.#options;
    return hash(tuple([id, version, kind, ...values]));
  }

  /** Observes all keys of an event together: each is compared with what was known before the event. */
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

  /** False if there was no room for all of them. */
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

  #remembered(key: string, oldest: number): HistoryEntry | undefined {
    const text = this.#options.state.get(key);
    return text === undefined ? undefined : unexpired(decodeEntry(text), oldest, this.#options.window);
  }

  #advance(at: number, from: number): void {
    const { state, window, lateness } = this.#options;
    state.set(this.#highest, String(at));
    // Removing entries costs the store time, so sweep a few times per window, and not for each event.
    const stretch = Math.max(1, window / 16);
    if (Math.floor(at / stretch) > Math.floor(from / stretch)) state.sweep(at - lateness);
  }
}
