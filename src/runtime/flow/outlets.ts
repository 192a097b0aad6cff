import type { Event } from "../../event.ts";
import type { Flight } from "./flight.ts";

/** A component as seen from upstream. The flight holds one claim for the part, which the component releases. */
export interface Receiver {
  receive(flight: Flight, input: number, events: readonly Event[]): void;
}

interface Edge {
  readonly receiver: Receiver;
  readonly input: number;
}

/** Where one output of a component goes: to each receiver, under its input's number there. */
export class Outlet {
  readonly edges: Edge[] = [];

  add(receiver: Receiver, input: number): void {
    this.edges.push({ receiver, input });
  }

  /** Every branch holds its claim before any branch runs: none can settle the batch under the others. */
  send(flight: Flight, events: readonly Event[]): void {
    flight.open += this.edges.length;
    for (const { receiver, input } of this.edges) receiver.receive(flight, input, events);
  }
}

const nothing: readonly Event[] = [];

/** All outputs of a component: the default one and those with names. */
export class Outlets {
  readonly main = new Outlet();
  readonly #named = new Map<string, Outlet>();

  /** `named`: the names that are declared, without the default one. */
  constructor(named: Iterable<string> = []) {
    for (const name of named) this.#named.set(name, new Outlet());
  }

  /** `name` is `undefined` for the default output. */
  at(name: string | undefined): Outlet {
    const outlet = name === undefined ? this.main : this.#named.get(name);
    if (!outlet) throw new Error(`there is no output "${name}"`);
    return outlet;
  }

  /** Every output sends a part of every batch, also an empty one: those who wait for it must not wait for ever. */
  send(flight: Flight, events: readonly Event[], to?: ReadonlyMap<string, readonly Event[]>): void {
    if (this.#named.size === 0) {
      this.main.send(flight, events);
      return;
    }
    const all = [this.main, ...this.#named.values()];
    for (const { edges } of all) flight.open += edges.length;
    const parts = [events, ...[...this.#named.keys()].map((name) => to?.get(name) ?? nothing)];
    for (const [index, { edges }] of all.entries())
      for (const { receiver, input } of edges) receiver.receive(flight, input, parts[index]!);
  }
}
