import type { Clock } from "../../clock.ts";
import type { Event } from "../../event.ts";
import { type Admission, Flight, type TickTime } from "./flight.ts";
import type { Outlet, Outlets } from "./outlets.ts";
import { Waiters } from "./waiters.ts";

/** Where batches start: its outlets lead into the graph. */
export interface Origin {
  readonly id: string;
  readonly outlets: Outlets | Outlet;
  /** Announces a batch to every component that it will reach. */
  readonly announce: (flight: Flight) => void;
}

const never = new AbortController().signal;

/** A batch to admit into the order of a group. */
export interface Entry {
  readonly events: readonly Event[];
  readonly admission: Admission;
  readonly tick?: TickTime;
  /** Adds what else belongs to the same commit. */
  readonly alongside?: ((flight: Flight) => void) | undefined;
}

/**
 * The order of batches of a commit group, which is a connected part of the topology. It numbers batches as they are
 * admitted, and provides the longest settled prefix for the next commit.
 */
export class Group {
  readonly clock: Clock;
  readonly #budget: number;
  readonly #onSettled: () => void;
  readonly #onQuiet: () => void;
  readonly #flights: Flight[] = [];
  #next: number;
  #used = 0;
  #taken = 0;
  #isOpen = true;
  #tick: Flight | undefined;
  #tickWaits = false;
  readonly #room = new Waiters();

  /**
   * `budget`: the largest amount of uncommitted data, in bytes; above it, sources are not asked for more. `next`: the
   * number of the first batch. `onQuiet`: called when batches have left without a commit, so that another one may be first.
   */
  constructor(clock: Clock, budget: number, onSettled: () => void, next = 1, onQuiet: () => void = () => undefined) {
    this.clock = clock;
    this.#budget = budget;
    this.#onSettled = onSettled;
    this.#onQuiet = onQuiet;
    this.#next = next;
  }

  /**
   * Gives a batch the next number and sends it down all branches at once. Returns false if the group accepts no more
   * batches; the source has then been notified that the batch is abandoned.
   */
  admit(origin: Origin, { events, admission, tick, alongside }: Entry): boolean {
    const grow = (bytes: number) => {
      this.#used += bytes;
    };
    const flight = new Flight(this.#next, admission, grow, tick);
    if (!this.#isOpen) {
      flight.notify("abandoned");
      return false;
    }
    this.#next++;
    flight.isFirst = this.#flights.length === 0;
    this.#flights.push(flight);
    this.#used += flight.bytes;
    if (tick) this.#tick = flight;
    flight.open = 1;
    origin.announce(flight);
    alongside?.(flight);
    origin.outlets.send(flight, events);
    this.release(flight);
    return true;
  }

  /** Call it when a branch of a batch has finished. The last one settles the batch. */
  release(flight: Flight): void {
    flight.open--;
    if (flight.open < 0) throw new Error(`batch ${flight.sequence} was released more often than it was held`);
    if (flight.open > 0) return;
    this.#leaveQuietly();
    if (this.#flights.length > 0) this.#onSettled();
  }

  /**
   * Removes batches that leave nothing to store from the front: they need no commit. One that is not the first has to wait,
   * because it may have seen state of an earlier batch that is not committed.
   */
  #leaveQuietly(): void {
    let isGone = false;
    for (let first = this.#flights[0]; first && first.open === 0 && first.isQuiet; first = this.#flights[0]) {
      this.#flights.shift();
      this.#leave(first);
      first.notify("committed");
      isGone = true;
    }
    if (!isGone) return;
    this.#afterLeaving();
    this.#onQuiet();
  }

  #leave(flight: Flight): void {
    this.#used -= flight.bytes;
    if (this.#tick === flight) this.#tick = undefined;
  }

  #afterLeaving(): void {
    const [first] = this.#flights;
    if (first) first.isFirst = true;
    this.#room.wake();
  }

  /** Call it with the bytes that a source takes in. */
  take(bytes: number): void {
    this.#taken += bytes;
  }

  /** How many bytes sources have taken in since the start. */
  get takenBytes(): number {
    return this.#taken;
  }

  get usedBytes(): number {
    return this.#used;
  }

  get isIdle(): boolean {
    return this.#flights.length === 0;
  }

  /** Resolves when all admitted batches are committed, or `signal` aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (!this.isIdle && !signal.aborted) await this.#room.wait(signal);
  }

  /** The number of the next batch. */
  get next(): number {
    return this.#next;
  }

  /** Whether sources may be asked for more. A tick that is due goes first. */
  get hasRoom(): boolean {
    return this.hasBudget && !this.#tickWaits;
  }

  /** Whether uncommitted batches are within the budget, regardless of a waiting tick. */
  get hasBudget(): boolean {
    return this.#used < this.#budget;
  }

  get isHalfUsed(): boolean {
    return this.#used * 2 >= this.#budget;
  }

  /** Resolves when sources may be asked for more, or `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && !signal.aborted) await this.#room.wait(signal);
  }

  /** Resolves when there may be room again, or the group closes. */
  changed(): Promise<void> {
    return this.#room.wait(never);
  }

  /**
   * Resolves when a tick may be admitted, or `signal` aborts. The previous tick must be committed first; then the tick goes
   * ahead of all sources, which wait until the caller calls `afterTick`.
   */
  async tickRoom(signal: AbortSignal): Promise<void> {
    while ((this.#tick || !this.hasBudget) && !signal.aborted) {
      this.#tickWaits = this.#tick === undefined;
      await this.#room.wait(signal);
    }
    this.#tickWaits = true;
  }

  afterTick(): void {
    this.#tickWaits = false;
    this.#room.wake();
  }

  /** The longest settled prefix, for one commit. Its batches count against the budget until `committed` is called. */
  settledPrefix(): readonly Flight[] {
    const firstOpen = this.#flights.findIndex((flight) => flight.open > 0);
    return firstOpen < 0 ? [...this.#flights] : this.#flights.slice(0, firstOpen);
  }

  committed(flights: readonly Flight[]): void {
    for (const flight of this.#flights.splice(0, flights.length)) this.#leave(flight);
    this.#leaveQuietly();
    this.#afterLeaving();
  }

  /** Accepts no more batches. Those already admitted continue. */
  close(): void {
    this.#isOpen = false;
    this.#room.wake();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Closes the group and abandons all uncommitted batches, which it returns. Their sources are notified. */
  abandon(): readonly Flight[] {
    this.close();
    const left = this.#flights.splice(0);
    for (const flight of left) flight.notify("abandoned");
    this.#used = 0;
    this.#tick = undefined;
    this.#room.wake();
    return left;
  }
}
