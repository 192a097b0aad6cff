import type { Event } from "../../event.ts";
import type { TapPoint } from "../tap/tap-point.ts";
import type { Flight } from "./flight.ts";

/** A component as seen from upstream. Each part that it receives holds one claim on the flight, which it must release. */
export interface Receiver {
  receive(flight: Flight, input: number, events: readonly Event[]): void;
}

interface Edge {
  readonly receiver: Receiver;
  readonly input: number;
  readonly tap: TapPoint | undefined;
}

/** The receivers of one output of a component, each with the index of its input. */
export class Outlet {
  readonly edges: Edge[] = [];
  /** Where the events that leave by this output can be watched. */
  tap: TapPoint | undefined;

  /** `tap`: where the events that enter the receiver can be watched. */
  add(receiver: Receiver, input: number, tap?: TapPoint): void {
    this.edges.push({ receiver, input, tap });
  }

  /** Takes the claims for all branches before any branch runs, so that none can settle the batch too early. */
  send(flight: Flight, events: readonly Event[]): void {
    flight.open += this.edges.length;
    this.deliver(flight, events);
  }

  /** Hands a part to every branch, whose claims are taken already. */
  deliver(flight: Flight, events: readonly Event[]): void {
    this.tap?.watch?.(events);
    for (const { receiver, input, tap } of this.edges) {
      tap?.watch?.(events);
      receiver.receive(flight, input, events);
    }
  }
}

const nothing: readonly Event[] = [];

/** All outputs of a component: the default one and those with names. */
export class Outlets {
  readonly main = new Outlet();
  readonly #named = new Map<string, Outlet>();

  /** `named`: the declared names, without the default output. */
  constructor(named: Iterable<string> = []) {
    for (const name of named) this.#named.set(name, new Outlet());
  }

  /** `name` is `undefined` for the default output. */
  at(name: string | undefined): Outlet {
    const outlet = name === undefined ? this.main : this.#named.get(name);
    if (!outlet) throw new Error(`there is no output "${name}"`);
    return outlet;
  }

  /** Sends a part of the batch to every output, even if it is empty, because components downstream wait for it. */
  send(flight: Flight, events: readonly Event[], to?: ReadonlyMap<string, readonly Event[]>): void {
    if (this.#named.size === 0) {
      this.main.send(flight, events);
      return;
    }
    const all = [this.main, ...this.#named.values()];
    for (const { edges } of all) flight.open += edges.length;
    const parts = [events, ...[...this.#named.keys()].map((name) => to?.get(name) ?? nothing)];
    for (const [index, outlet] of all.entries()) outlet.deliver(flight, parts[index]!);
  }

  /** Lets all outputs be watched: `tapOf` gives the point of each. */
  watchable(tapOf: (output: string | undefined) => TapPoint): void {
    this.main.tap = tapOf(undefined);
    for (const [name, outlet] of this.#named) outlet.tap = tapOf(name);
  }
}
