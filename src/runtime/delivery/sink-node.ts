import type { Rejection } from "../../batch.ts";
import { type Event, NotJson } from "../../event.ts";
import { type Frames, FrameWriter } from "../../storage/frame.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { notJsonData } from "../dead-letters/dead-letters.ts";
import type { Flight } from "../flow/flight.ts";
import type { Group } from "../flow/group.ts";
import type { Receiver } from "../flow/outlets.ts";
import type { LiveQueue } from "./live-queue.ts";
import { linesOf } from "./stored-event.ts";

/** Accepts the frames of a batch. Calls `done` when they are stored or, if they are kept in memory, delivered. */
export interface Intake {
  put(flight: Flight, frames: Frames, done: () => void): void;
}

/** How to handle batches that do not fit into the outbox. Without it, they wait. */
export interface Overflow {
  hasRoom(bytes: number): boolean;
  spill(flight: Flight, events: readonly Event[], done: () => void): void;
}

/** Sends events that cannot be written to the dead letter, in the commit of their batch. */
export type Reject = (flight: Flight, rejections: readonly Rejection[], done: () => void) => void;

/** All sinks encode their frames with it, one batch after the other. */
const writer = new FrameWriter();

/** The node of a sink in the graph. It encodes events as frames and puts them into the outbox. */
export class SinkNode implements Receiver {
  readonly #group: Group;
  readonly #outbox: Intake;
  readonly #ledger: Ledger;
  readonly #reject: Reject;
  readonly #overflow: Overflow | undefined;

  constructor(group: Group, outbox: Intake, ledger: Ledger, reject: Reject, overflow?: Overflow) {
    this.#group = group;
    this.#outbox = outbox;
    this.#ledger = ledger;
    this.#reject = reject;
    this.#overflow = overflow;
  }

  receive(flight: Flight, _input: number, events: readonly Event[]): void {
    this.#ledger.received += events.length;
    const done = () => this.#group.release(flight);
    const refused: Rejection[] = [];
    for (const event of events) {
      const lines = linesOf(event);
      if (lines instanceof NotJson) refused.push({ event, reason: notJsonData, message: lines.message });
      else writer.add(lines.head, lines.data);
    }
    const frames = writer.take();
    if (refused.length > 0) this.#refuse(flight, refused);
    if (frames.count === 0) done();
    else if (this.#overflow?.hasRoom(frames.bytes.length) === false)
      this.#overflow.spill(flight, refused.length > 0 ? without(events, refused) : events, done);
    else {
      this.#ledger.inFlight += frames.count;
      this.#outbox.put(flight, frames, done);
    }
  }

  #refuse(flight: Flight, refused: readonly Rejection[]): void {
    this.#ledger.deadLetter(notJsonData, refused.length);
    flight.open++;
    this.#reject(flight, refused, () => this.#group.release(flight));
  }
}

/** The node of a sink with `required: false`. It queues the events of a batch when the batch is committed. */
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

/** The node of a sink that discards everything: nothing is encoded or stored. */
export class DiscardNode implements Receiver {
  readonly #group: Group;
  readonly #ledger: Ledger;

  constructor(group: Group, ledger: Ledger) {
    this.#group = group;
    this.#ledger = ledger;
  }

  receive(flight: Flight, _input: number, events: readonly Event[]): void {
    this.#ledger.received += events.length;
    this.#ledger.sent += events.length;
    this.#group.release(flight);
  }
}

const without = (events: readonly Event[], refused: readonly Rejection[]): readonly Event[] =>
  events.filter((event) => !refused.some((rejection) => rejection.event === event));
