import type { Clock } from "../clock.ts";
import type { Event } from "../event.ts";
import { type Admission, Flight } from "./flight.ts";
import type { Outlets } from "./outlets.ts";
import { Waiters } from "./waiters.ts";

/** Something that batches come out of: its outlets lead on. */
export interface Origin {
  readonly id: string;
  readonly outlets: Outlets;
  /** Announces a batch to every component that it will reach. */
  readonly announce: (flight: Flight) => void;
}

/**
 * A connected part of the topology, with one order of batches. It numbers them as they come in, and gives out the
 * longest prefix of settled ones to be committed together.
 */
export class Group {
  readonly clock: Clock;
  readonly #budget: number;
  readonly #onSettled: () => void;
  readonly #flights: Flight[] = [];
  #next = 1;
  #used = 0;
  #isOver = false;
  readonly #room = new Waiters();

  /** `budget`: bytes of uncommitted batches beyond which sources are not asked for more. */
  constructor(clock: Clock, budget: number, onSettled: () => void) {
    this.clock = clock;
    this.#budget = budget;
    this.#onSettled = onSettled;
  }

  /** Takes a batch in, under the next number of the order, and sends it down every branch at once. */
  admit(origin: Origin, events: readonly Event[], admission: Admission, alongside?: (flight: Flight) => void): void {
    const flight = new Flight(this.#next++, admission, (bytes) => {
      this.#used += bytes;
    });
    if (this.#isOver) {
      flight.tell("abandoned");
      return;
    }
    flight.isFirst = this.#flights.length === 0;
    this.#flights.push(flight);
    this.#used += flight.bytes;
    flight.open = 1;
    origin.announce(flight);
    alongside?.(flight);
    origin.outlets.send(flight, events);
    this.release(flight);
  }

  /** One branch of a batch has handed over; the last one settles it. */
  release(flight: Flight): void {
    flight.open--;
    if (flight.open === 0) this.#onSettled();
    else if (flight.open < 0) throw new Error(`batch ${flight.sequence} was released more often than it was held`);
  }

  get usedBytes(): number {
    return this.#used;
  }

  get isIdle(): boolean {
    return this.#flights.length === 0;
  }

  get hasRoom(): boolean {
    return this.usedBytes < this.#budget;
  }

  get isHalfUsed(): boolean {
    return this.usedBytes * 2 >= this.#budget;
  }

  /** Resolves as soon as a source may be asked for more, or `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && !signal.aborted) await this.#room.wait(signal);
  }

  /** The longest settled prefix, to be committed as one; the batches stay counted until `committed`. */
  settledPrefix(): readonly Flight[] {
    const firstOpen = this.#flights.findIndex((flight) => flight.open > 0);
    return firstOpen < 0 ? [...this.#flights] : this.#flights.slice(0, firstOpen);
  }

  committed(flights: readonly Flight[]): void {
    for (const { bytes } of this.#flights.splice(0, flights.length)) this.#used -= bytes;
    const [first] = this.#flights;
    if (first) first.isFirst = true;
    this.#room.wake();
  }

  /** This process will commit nothing more: those who wait are told, and those who still come. */
  abandon(): void {
    this.#isOver = true;
    for (const flight of this.#flights.splice(0)) flight.tell("abandoned");
  }
}
