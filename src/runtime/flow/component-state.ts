import { type Scan, type State, StateFull } from "../../state.ts";
import type { KeeperChange } from "../../storage/database.ts";
import type { Flight } from "./flight.ts";
import type { StateSpace } from "./state-space.ts";

export interface ComponentStateOptions {
  readonly id: string;
  /** In bytes of keys and values. */
  readonly quota: number;
  readonly saved: KeeperChange | undefined;
  readonly space: (name: string) => StateSpace;
  /** Bytes that are committed in the component's spaces, without what is swept: by space, the sweep so far. */
  readonly committedBytes: (swept: ReadonlyMap<string, number>) => number;
}

/** What a tick may write beyond the quota: closing what is open must not fail for want of room. */
const headroom = 1.05;
const maxPage = 1000;

/**
 * The state of one component, over all of its key spaces: who may write when, what the event at hand wrote as a
 * savepoint, how many bytes it all is, and what ticks need to know.
 */
export class ComponentState {
  /** As the component sees it. */
  readonly state: State;
  readonly #options: ComponentStateOptions;
  readonly #spaces = new Map<string, StateSpace>();
  #flight: Flight | undefined;
  #isTick = false;
  /** Bytes with what the event at hand wrote; `undefined` until they matter. */
  #bytes: number | undefined;
  #growth = 0;
  /** A sweep has made entries absent since the bytes were counted. */
  #isStale = false;
  /** More has happened since `begin` than a tick that said nothing. */
  #isNews = false;
  #wake: number | undefined;
  #pendingWake: number | undefined;
  #mark: number;
  #epoch: number;
  /** What is known to be in the flights or the database. */
  #saved: KeeperChange | undefined;

  constructor(options: ComponentStateOptions) {
    this.#options = options;
    const { saved } = options;
    this.#saved = saved;
    this.#wake = saved?.wake;
    this.#pendingWake = this.#wake;
    this.#mark = saved?.mark ?? Number.NEGATIVE_INFINITY;
    this.#epoch = saved?.epoch ?? 0;
    this.state = this.#view(options.id);
  }

  /** When a tick is asked for; the earliest time counts. */
  get wake(): number | undefined {
    return this.#wake;
  }

  /** The time of the last tick that said something, in this epoch. */
  get mark(): number {
    return this.#mark;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The event or tick at hand has written something. */
  get hasWritten(): boolean {
    return [...this.#spaces.values()].some((space) => space.hasPending);
  }

  begin(flight: Flight): void {
    this.#flight = flight;
    this.#isTick = false;
    this.#isNews = false;
  }

  end(): void {
    const flight = this.#flight;
    this.#flight = undefined;
    if (flight && this.#isNews) this.#save(flight);
  }

  /** What the event at hand wrote stands. */
  keep(): void {
    this.#apply();
    this.#isNews = true;
  }

  /** What the event at hand wrote is gone. */
  undo(): void {
    for (const space of this.#spaces.values()) space.undo();
    if (this.#bytes !== undefined) this.#bytes -= this.#growth;
    this.#growth = 0;
    this.#pendingWake = this.#wake;
  }

  /** A tick begins at this time: it uses up what was asked for up to then. */
  beginTick(now: number): void {
    this.#isTick = true;
    if (this.#pendingWake !== undefined && this.#pendingWake <= now) this.#pendingWake = undefined;
  }

  /**
   * What a tick wrote stands. `mark`: its time, if it said something; one that did not changes only when the next comes,
   * which needs no commit: the tick that was asked for would come again, and say nothing again.
   */
  keepTick(mark: number | undefined): void {
    this.#apply();
    this.#isTick = false;
    if (mark === undefined) return;
    this.#mark = Math.max(this.#mark, mark);
    this.#isNews = true;
  }

  /** The tick was full: the next one is wanted at once. */
  wakeAgain(now: number): void {
    this.#wake = Math.min(now, this.#wake ?? now);
    this.#pendingWake = this.#wake;
  }

  /** The clock was set back to `stamp`: the same times come again, under another epoch. */
  beginEpoch(stamp: number): void {
    this.#epoch++;
    this.#mark = Number.NEGATIVE_INFINITY;
    this.#isNews = true;
    // A time asked for in the old epoch may be far away in this one.
    if (this.#wake !== undefined) this.wakeAgain(stamp);
  }

  #apply(): void {
    const flight = this.#flight!;
    let bytes = 0;
    for (const space of this.#spaces.values()) bytes += space.keep(flight);
    if (bytes > 0) flight.grow(bytes);
    this.#wake = this.#pendingWake;
    this.#growth = 0;
  }

  #save(flight: Flight): void {
    const mark = this.#mark === Number.NEGATIVE_INFINITY ? undefined : this.#mark;
    const now: KeeperChange = { component: this.#options.id, wake: this.#wake, mark, epoch: this.#epoch };
    const saved = this.#saved ?? { wake: undefined, mark: undefined, epoch: 0 };
    if (saved.wake === now.wake && saved.mark === now.mark && saved.epoch === now.epoch) return;
    this.#saved = now;
    flight.keepers.set(now.component, now);
  }

  #view(name: string): State {
    const space = this.#options.space(name);
    this.#spaces.set(name, space);
    const scopes = new Map<string, State>();
    return {
      get: (key) => space.get(key)?.value,
      set: (key, value, expires) => this.#set(space, key, value, expires),
      delete: (key) => this.#delete(space, key),
      scan: (prefix, scan = {}) => this.#scan(space, prefix, scan),
      sweep: (before) => this.#sweep(space, before),
      scope: (inner) => scopes.get(inner) ?? scopes.set(inner, this.#view(`${name}/${inner}`)).get(inner)!,
      wake: (at) => this.#askFor(at),
    };
  }

  #mustWrite(what: string): void {
    if (!this.#flight)
      throw new Error(`"${this.#options.id}" ${what} outside of an event or a tick; state is written only within one`);
  }

  #set(space: StateSpace, key: string, value: string, expires: number | undefined): void {
    this.#mustWrite("wrote state");
    if (typeof key !== "string" || typeof value !== "string")
      throw new TypeError("keys and values of state are text; use JSON.stringify for anything else");
    if (Number.isNaN(expires)) throw new TypeError("set needs a time as expires, not NaN");
    if (!key.isWellFormed()) throw new TypeError("a key of state is not well-formed Unicode text");
    const old = this.#options.quota === Number.POSITIVE_INFINITY ? undefined : space.get(key);
    space.set(key, value, expires);
    if (this.#options.quota === Number.POSITIVE_INFINITY) return;
    const growth = sizeOf(key, value) - (old ? sizeOf(key, old.value) : 0);
    try {
      this.#grow(growth);
    } catch (error) {
      if (old) space.set(key, old.value, old.expires);
      else space.delete(key);
      throw error;
    }
  }

  #delete(space: StateSpace, key: string): void {
    this.#mustWrite("deleted state");
    const old = space.get(key);
    if (!old) return;
    space.delete(key);
    if (this.#options.quota < Number.POSITIVE_INFINITY) this.#grow(-sizeOf(key, old.value));
  }

  #grow(growth: number): void {
    this.#bytes ??= this.#counted();
    if (growth > 0) {
      const limit = this.#isTick ? this.#options.quota * headroom : this.#options.quota;
      if (this.#bytes + growth > limit && this.#isStale) this.#bytes = this.#counted();
      if (this.#bytes + growth > limit)
        throw new StateFull(
          `the state of "${this.#options.id}" is full: ${this.#options.quota} bytes; raise its quota, state.max_size, or let it remember less`,
        );
    }
    this.#bytes += growth;
    this.#growth += growth;
  }

  /** Bytes of all that is visible now, without what the event at hand wrote: that is `growth`. */
  #counted(): number {
    this.#isStale = false;
    const swept = new Map([...this.#spaces.values()].map((space) => [space.name, space.swept]));
    let bytes = this.#options.committedBytes(swept);
    for (const space of this.#spaces.values()) bytes += space.uncommittedBytes(sizeOf);
    return bytes + this.#growth;
  }

  #scan(space: StateSpace, prefix: string, { after, limit = maxPage }: Scan) {
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPage)
      throw new RangeError(`a scan takes a limit from 1 to ${maxPage}, not ${limit}`);
    return space.scan(prefix, after, limit);
  }

  #sweep(space: StateSpace, before: number): void {
    this.#mustWrite("swept state");
    if (Number.isNaN(before)) throw new TypeError("sweep needs a time, not NaN");
    space.sweep(before);
    this.#isStale = true;
  }

  #askFor(at: number): void {
    this.#mustWrite("asked for a tick");
    if (!Number.isFinite(at)) throw new TypeError(`wake needs a time in milliseconds since 1970, not ${at}`);
    this.#pendingWake = Math.min(at, this.#pendingWake ?? at);
  }
}

/** Bytes of a key and its value in UTF-8. */
const sizeOf = (key: string, value: string): number => Buffer.byteLength(key) + Buffer.byteLength(value);
