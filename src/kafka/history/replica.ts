import { keptOf } from "../../detection/new-terms/kept.ts";
import { type HistoryEntry, joined, type Observation, observe } from "../../detection/new-terms/observe.ts";
import { repeatable } from "../../detection/new-terms/shared.ts";
import { type Change, type Claim, isClaim, type Refresh } from "./change.ts";

/** `until`: in milliseconds since 1970 by the clock of the brokers. */
interface Remembered {
  readonly entry: HistoryEntry;
  readonly until: number;
}

interface Answer {
  readonly seen: readonly Observation[];
  readonly until: number;
}

/** How often to remove what has expired, in milliseconds. */
const sweepEvery = 3_600_000;
/** The size that is counted for each run of an entry: two times with all digits. */
const runBytes = 28;

/** Compares a sighting with an entry. With steps, a term that was last seen in the same step counts as seen before. */
export const sighted = (
  entry: HistoryEntry | undefined,
  { at, window, disorder }: Pick<Claim, "at" | "window" | "disorder">,
): Observation => {
  const seen = observe(entry, at, window, disorder);
  return disorder > 0 && entry?.some(([, last]) => last === at) ? { ...seen, previous: at } : seen;
};

/**
 * A history, built from the records of its topic in their order. Two replicas that have applied the same records know the same, and
 * have given the same answers. What is known stays known until it expires, whatever is added.
 */
export class Replica {
  readonly #entries = new Map<string, Map<string, Remembered>>();
  readonly #answers = new Map<string, Answer>();
  #swept = Number.NEGATIVE_INFINITY;
  #size = 0;

  /** The size of keys and values, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** The number of terms and combinations. */
  get terms(): number {
    return [...this.#entries.values()].reduce((sum, { size }) => sum + size, 0);
  }

  entry(owner: string, key: string): HistoryEntry | undefined {
    return this.#entries.get(owner)?.get(key)?.entry;
  }

  /** The answer to an event that was new; `undefined` if there is none. */
  answer({ owner, once }: Pick<Claim, "owner" | "once">): readonly Observation[] | undefined {
    return this.#answers.get(`${owner} ${once}`)?.seen;
  }

  /** Applies the next record. `now`: its time by the clock of the brokers. Returns the answer to a claim. */
  apply(change: Change, now: number): readonly Observation[] | undefined {
    this.pass(now);
    if (isClaim(change)) return this.#claim(change, now);
    this.#refresh(change, now);
    return undefined;
  }

  /** Forgets now and then what has expired at `now`, the time of the next record. */
  pass(now: number): void {
    if (now - this.#swept >= sweepEvery) this.#sweep(now);
  }

  clear(): void {
    this.#entries.clear();
    this.#answers.clear();
    this.#size = 0;
  }

  #claim(claim: Claim, now: number): readonly Observation[] {
    const known = this.answer(claim);
    if (known) return known;
    const { owner, once, keys } = claim;
    const seen = keys.map((key) => sighted(this.entry(owner, key), claim));
    for (const [index, key] of keys.entries()) this.#remember(claim, key, seen[index]!.entry, now);
    if (!seen.some(({ isNew }) => isNew)) return seen;
    const name = `${owner} ${once}`;
    this.#answers.set(name, { seen, until: now + repeatable });
    this.#size += answerSize(name, seen);
    return seen;
  }

  #refresh(refresh: Refresh, now: number): void {
    const { owner, keys, entries, window } = refresh;
    for (const [index, key] of keys.entries()) {
      const entry = entries[index]!.reduce(
        (sum, run) => joined(sum, run, window),
        this.entry(owner, key) ?? ([] as HistoryEntry),
      );
      this.#remember(refresh, key, entry, now);
    }
  }

  #remember(of: Change, key: string, whole: HistoryEntry, now: number): void {
    const { lifetime, runs } = keptOf(of);
    const entry = whole.length > runs ? whole.slice(-runs) : whole;
    const own = this.#entries.get(of.owner) ?? new Map<string, Remembered>();
    if (own.size === 0) this.#entries.set(of.owner, own);
    const before = own.get(key);
    own.set(key, { entry, until: now + lifetime });
    this.#size += entrySize(key, entry) - (before ? entrySize(key, before.entry) : 0);
  }

  #sweep(now: number): void {
    this.#swept = now;
    for (const own of this.#entries.values())
      for (const [key, { entry, until }] of own)
        if (until < now) {
          own.delete(key);
          this.#size -= entrySize(key, entry);
        }
    for (const [name, { seen, until }] of this.#answers)
      if (until < now) {
        this.#answers.delete(name);
        this.#size -= answerSize(name, seen);
      }
  }
}

const entrySize = (key: string, entry: HistoryEntry): number => key.length + entry.length * runBytes;

const answerSize = (name: string, seen: readonly Observation[]): number =>
  name.length + seen.reduce((sum, { entry }) => sum + (entry.length + 1) * runBytes, 0);
