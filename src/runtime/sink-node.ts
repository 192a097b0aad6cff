import type { Event } from "../event.ts";
import { encodeFrame } from "../storage/frame.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import type { Flight } from "./flight.ts";
import type { Group } from "./group.ts";
import type { Outbox } from "./outbox.ts";
import type { Receiver } from "./outlets.ts";

/** The graph's end at a sink: events become frames and go to the sink's outbox. */
export class SinkNode implements Receiver {
  readonly #group: Group;
  readonly #outbox: Outbox;
  readonly #ledger: Ledger;

  constructor(group: Group, outbox: Outbox, ledger: Ledger) {
    this.#group = group;
    this.#outbox = outbox;
    this.#ledger = ledger;
  }

  receive(flight: Flight, _input: number, events: readonly Event[]): void {
    this.#ledger.received += events.length;
    this.#ledger.inFlight += events.length;
    if (events.length === 0) this.#group.release(flight);
    else this.#outbox.put(flight, events.map(frameOf), () => this.#group.release(flight));
  }
}

const frameOf = ({ data, meta }: Event): Buffer => {
  const { id, source, stream, position, ingested } = meta;
  return encodeFrame(JSON.stringify({ id, source, stream, position, ingested }), JSON.stringify(data));
};
