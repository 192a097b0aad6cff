import type { Event } from "../event.ts";
import type { Flight } from "./flight.ts";

/** A component as seen from upstream. The flight holds one claim for the part, which the component releases. */
export interface Receiver {
  receive(flight: Flight, input: number, events: readonly Event[]): void;
}

/** Where the output of a component goes: to each receiver, under its input's number there. */
export class Outlets {
  readonly #edges: { readonly receiver: Receiver; readonly input: number }[] = [];

  add(receiver: Receiver, input: number): void {
    this.#edges.push({ receiver, input });
  }

  /** Every branch holds its claim before any branch runs: none can settle the batch under the others. */
  send(flight: Flight, events: readonly Event[]): void {
    flight.open += this.#edges.length;
    for (const { receiver, input } of this.#edges) receiver.receive(flight, input, events);
  }
}
