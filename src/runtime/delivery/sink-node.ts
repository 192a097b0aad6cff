import type { Event } from "../../event.ts";
import { encodeFrame } from "../../storage/frame.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { Flight } from "../flow/flight.ts";
import type { Group } from "../flow/group.ts";
import type { Receiver } from "../flow/outlets.ts";
import type { LiveQueue } from "./live-queue.ts";
import { headOf } from "./stored-event.ts";

/** Takes a batch's frames; `done` is called when they are in, or delivered if they are kept in memory. */
export interface Intake {
  put(flight: Flight, frames: readonly Buffer[], done: () => void): void;
}

/** What becomes of a batch for which there is no room: undefined where it waits. */
export interface Overflow {
  hasRoom(bytes: number): boolean;
  spill(flight: Flight, events: readonly Event[], done: () => void): void;
}

/** The graph's end at a sink: events become frames and go to the sink's outbox. */
export class SinkNode implements Receiver {
  readonly #group: Group;
  readonly #outbox: Intake;
  readonly #ledger: Ledger;
  readonly #overflow: Overflow | undefined;

  constructor(group: Group, outbox: Intake, ledger: Ledger, overflow?: Overflow) {
    this.#group = group;
    this.#outbox = outbox;
    this.#ledger = ledger;
    this.#overflow = overflow;
  }

  receive(flight: Flight, _input: number, events: readonly Event[]): void {
    this.#ledger.received += events.length;
    const done = () => this.#group.release(flight);
    const frames = events.map(frameOf);
    if (frames.length === 0) done();
    else if (this.#overflow?.hasRoom(sizeOf(frames)) === false) this.#overflow.spill(flight, events, done);
    else {
      this.#ledger.inFlight += events.length;
      this.#outbox.put(flight, frames, done);
    }
  }
}

/** The graph's end at a sink that is not required: it gets the events of a batch when they are committed. */
export class LiveNode implements Receiver {
  readonly #group: Group;
  readonly #queue: LiveQueue;
  readonly #ledger: Ledger;

  constructor(group: Group, queue: LiveQueue, ledger: Ledger) {
    this.#group = group;
    this.#queue = queue;
    this.#ledger = ledger;
  }

  receive(flight: Flight, _input: number, events: readonly Event[]): void {
    this.#ledger.received += events.length;
    this.#ledger.inFlight += events.length;
    if (events.length > 0) flight.afterCommit.push(() => this.#queue.push(events));
    this.#group.release(flight);
  }
}

const frameOf = (event: Event): Buffer => encodeFrame(headOf(event), JSON.stringify(event.data));

const sizeOf = (frames: readonly Buffer[]): number => frames.reduce((total, { length }) => total + length, 0);
