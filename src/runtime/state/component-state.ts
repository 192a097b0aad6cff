import type { State } from "../../state.ts";
import { checkArguments, maxPage } from "../../state-arguments.ts";
import type { KeeperChange } from "../../storage/database.ts";
import type { Flight } from "../flow/flight.ts";
import { StateSize } from "./state-size.ts";
import { type StateSpace, sizeOf } from "./state-space.ts";
import type { StateWatch } from "./state-watch.ts";

export interface ComponentStateOptions {
  readonly id: string;
  /** The largest size of the state: bytes of keys and values. */
  readonly quota: number;
  readonly saved: KeeperChange | undefined;
  readonly space: (name: string) => StateSpace;
  /** Committed bytes, over all of the component's spaces. */
  readonly committedBytes: () => number;
  readonly watch?: StateWatch | undefined;
}

/**
 * The state of one component over all of its key spaces. It allows writes only within an event or tick, keeps the
 * savepoint of the current event, enforces the quota, and holds the time of the next tick.
 */
export class ComponentState {
  /** The interface for the component. */
  readonly state: State;
  readonly #options: ComponentStateOptions;
  /** Spaces that the current event wrote to. */
  readonly #touched = new Set<StateSpace>();
  readonly #size: StateSize;
  #flight: Flight | undefined;
  #isTick = false;
  /** Whether anything happened since `begin`, other than a tick that neither wrote nor emitted. */
  #hasChanged = false;
  #wake: number | undefined;
  #pendingWake: number | undefined;
  #mark: number;
  #epoch: number;
  /** The last change that was added to a flight, or what the database held at start. */
  #saved: KeeperChange | undefined;

  constructor(options: ComponentStateOptions) {
    this.#options = options;
    const { id, saved } = options;
    this.#size = new StateSize({ ...options, component: id });
    this.#saved = saved;
    this.#wake = saved?.wake;
    this.#pendingWake = this.#wake;
    this.#mark = saved?.mark ?? Number.NEGATIVE_INFINITY;
    this.#epoch = saved?.epoch ?? 0;
    this.state = this.#view(id);
  }

  /** The time for which the component wants a tick, in milliseconds since 1970. */
  get wake(): number | undefined {
    return this.#wake;
  }

  /** The time of the last tick that wrote or emitted something, in this epoch. */
  get mark(): number {
    return this.#mark;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the current event or tick has written something. */
  get hasWritten(): boolean {
    return [...this.#touched].some((space) => space.hasPending);
  }

  begin(flight: Flight): void {
    this.#flight = flight;
    this.#isTick = false;
    this.#hasChanged = false;
  }

  end(): void {
    const flight = this.#flight;
    this.#flight = undefined;
    if (flight && this.#hasChanged) this.#save(flight);
  }

  /** Accepts the writes of the current event. */
  keep(): void {
    if (this.#touched.size > 0 || this.#wake !== this.#pendingWake) this.#apply();
    this.#hasChanged = true;
  }

  /** Discards the writes of the current event. */
  undo(): void {
    for (const space of this.#touched) space.undo();
    this.#touched.clear();
    this.#size.undo();
    this.#pendingWake = this.#wake;
  }

  /** Begins a tick at this time. Clears a wake that is due by then. */
  beginTick(now: number): void {
    this.#isTick = true;
    if (this.#pendingWake !== undefined && this.#pendingWake <= now) this.#pendingWake = undefined;
  }

  /**
   * Accepts the writes of a tick. `mark` is its time if it wrote or emitted something. Otherwise only the next wake
   * changed, and that needs no commit: after a crash the same tick would come again and do nothing again.
   */
  keepTick(mark: number | undefined): void {
    this.#apply();
    this.#isTick = false;
    if (mark === undefined) return;
    this.#mark = Math.max(this.#mark, mark);
    this.#hasChanged = true;
  }

  /** Asks for the next tick at once, because the current one was full. */
  wakeAgain(now: number): void {
    this.#wake = Math.min(now, this.#wake ?? now);
    this.#pendingWake = this.#wake;
  }

  /** Postpones a wake that is due at `now` until `later`. */
  rest(now: number, later: number): void {
    if (this.#wake !== undefined && this.#wake <= now) this.#wake = this.#pendingWake = later;
  }

  /** Begins a new epoch, in which the same times may occur again. */
  beginEpoch(): void {
    this.#epoch++;
    this.#mark = Number.NEGATIVE_INFINITY;
    this.#hasChanged = true;
  }

  #apply(): void {
    const flight = this.#flight!;
    let bytes = 0;
    const hasWritten = this.#touched.size > 0;
    for (const space of this.#touched) bytes += space.keep(flight);
    this.#touched.clear();
    if (bytes > 0) flight.grow(bytes);
    this.#wake = this.#pendingWake;
    this.#size.keep();
    if (hasWritten) flight.sizes.set(this.#options.id, this.#size.kept);
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
    const scopes = new Map<string, State>();
    return {
      get: (key) => {
        checkArguments.key(key);
        return space.get(key)?.value;
      },
      set: (key, value, expires) => this.#set(space, key, value, expires),
      delete: (key) => this.#delete(space, key),
      scan: (prefix, scan = {}) => {
        checkArguments.page(prefix, scan);
        return space.scan(prefix, scan.after, scan.limit ?? maxPage);
      },
      sweep: (before) => this.#sweep(space, before),
      scope: (inner) => {
        checkArguments.scope(inner);
        const scope = scopes.get(inner) ?? this.#view(`${name}/${inner}`);
        scopes.set(inner, scope);
        return scope;
      },
      wake: (at) => this.#askFor(at),
    };
  }

  #mustWrite(what: string): void {
    if (!this.#flight)
      throw new Error(`"${this.#options.id}" ${what} outside an event or tick; change state only while handling one`);
  }

  #set(space: StateSpace, key: string, value: string, expires: number | undefined): void {
    this.#mustWrite("wrote state");
    checkArguments.entry(key, value, expires);
    if (this.#size.isLimited) {
      const bytes = space.isSwept(expires) ? 0 : sizeOf(key, value);
      this.#size.grow(bytes - space.sizeOf(key), this.#isTick);
    }
    this.#touched.add(space);
    space.set(key, value, expires);
  }

  #delete(space: StateSpace, key: string): void {
    this.#mustWrite("deleted state");
    checkArguments.key(key);
    if (!space.get(key)) return;
    if (this.#size.isLimited) this.#size.grow(-space.sizeOf(key), this.#isTick);
    this.#touched.add(space);
    space.delete(key);
  }

  #sweep(space: StateSpace, before: number): void {
    this.#mustWrite("swept state");
    checkArguments.sweep(before);
    if (before <= space.swept) return;
    if (this.#size.isLimited) this.#size.grow(-space.bytesBelow(before), this.#isTick);
    this.#touched.add(space);
    space.sweep(before);
  }

  #askFor(at: number): void {
    this.#mustWrite("asked for a tick");
    checkArguments.wake(at);
    this.#pendingWake = Math.min(at, this.#pendingWake ?? at);
  }
}
