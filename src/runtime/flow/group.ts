import type { Clock } from "../../clock.ts";
import type { Event } from "../../event.ts";
import { type Admission, Flight, type TickTime } from "./flight.ts";
import type { Outlet, Outlets } from "./outlets.ts";
import { Waiters } from "./waiters.ts";

/** Something that batches come out of: its outlets lead on. */
export interface Origin {
  readonly id: string;
  readonly outlets: Outlets | Outlet;
  /** Announces a batch to every component that it will reach. */
  readonly announce: (flight: Flight) => void;
}

/** What goes into the order of batches beside events of a source. */
export interface Entry {
  readonly events: readonly Event[];
  readonly admission: Admission;
  readonly tick?: TickTime;
  /** What else is to be in the same commit. */
  readonly alongside?: ((flight: Flight) => void) | undefined;
}

/**
 * A connected part of the topology, with one order of batches. It numbers them as they come in, and gives out the
 * longest prefix of settled ones to be committed together.
 */
export class Group {
  readonly clock: Clock;
  readonly #budget: number;
  readonly #onSettled: () => void;
  readonly #onQuiet: () => void;
  readonly #flights: Flight[] = [];
  #next: number;
  #used = 0;
  #isOpen = true;
  #tick: Flight | undefined;
  #tickWaits = false;
  readonly #room = new Waiters();

  /**
   * `budget`: bytes of uncommitted batches beyond which sources are not asked for more. `next`: the first number.
   * `onQuiet`: a batch has left without a commit, so that another one may be the first.
   */
  constructor(clock: Clock, budget: number, onSettled: () => void, next = 1, onQuiet: () => void = () => undefined) {
    this.clock = clock;
    this.#budget = budget;
    this.#onSettled = onSettled;
    this.#onQuiet = onQuiet;
    this.#next = next;
  }

  /**
   * Takes a batch in, under the next number of the order, and sends it down every branch at once. False when nothing
   * more is taken in: then its source has been told that it is abandoned.
   */
  admit(origin: Origin, { events, admission, tick, alongside }: Entry): boolean {
    const grow = (bytes: number) => {
      this.#used += bytes;
    };
    const flight = new Flight(this.#next, admission, grow, tick);
    if (!this.#isOpen) {
      flight.tell("abandoned");
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

  /** One branch of a batch has handed over; the last one settles it. */
  release(flight: Flight): void {
    flight.open--;
    if (flight.open < 0) throw new Error(`batch ${flight.sequence} was released more often than it was held`);
    if (flight.open > 0) return;
    this.#leaveQuietly();
    if (this.#flights.length > 0) this.#onSettled();
  }

  /** Ticks that said nothing leave without a commit, as soon as all before them are committed. */
  #leaveQuietly(): void {
    let isGone = false;
    for (let first = this.#flights[0]; first && first.open === 0 && first.isQuiet; first = this.#flights[0]) {
      this.#flights.shift();
      this.#leave(first);
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

  get usedBytes(): number {
    return this.#used;
  }

  get isIdle(): boolean {
    return this.#flights.length === 0;
  }

  /** Resolves when all that was taken in is committed, or `signal` aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (!this.isIdle && !signal.aborted) await this.#room.wait(signal);
  }

  /** The number that the next batch will have. */
  get next(): number {
    return this.#next;
  }

  /** For sources: a tick that is due goes first. */
  get hasRoom(): boolean {
    return this.hasBudget && !this.#tickWaits;
  }

  /** Sources are asked for more, but for the moment in which a tick goes first. */
  get hasBudget(): boolean {
    return this.#used < this.#budget;
  }

  get isHalfUsed(): boolean {
    return this.#used * 2 >= this.#budget;
  }

  /** Resolves as soon as a source may be asked for more, or `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && !signal.aborted) await this.#room.wait(signal);
  }

  /**
   * Resolves when a tick may come in: the one before it has to be committed, and then it goes ahead of all sources. The
   * caller lets them go on with `afterTick`.
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

  /** The longest settled prefix, to be committed as one; the batches stay counted until `committed`. */
  settledPrefix(): readonly Flight[] {
    const firstOpen = this.#flights.findIndex((flight) => flight.open > 0);
    return firstOpen < 0 ? [...this.#flights] : this.#flights.slice(0, firstOpen);
  }

  committed(flights: readonly Flight[]): void {
    for (const flight of this.#flights.splice(0, flights.length)) this.#leave(flight);
    this.#leaveQuietly();
    this.#afterLeaving();
  }

  /** Nothing more is taken in; what is in goes on. */
  close(): void {
    this.#isOpen = false;
    this.#room.wake();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Nothing more of it will be committed: those who wait are told, and those who still come. Returns what was left. */
  abandon(): readonly Flight[] {
    this.close();
    const left = this.#flights.splice(0);
    for (const flight of left) flight.tell("abandoned");
    this.#used = 0;
    this.#tick = undefined;
    this.#room.wake();
    return left;
  }
}
