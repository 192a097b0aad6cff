import type { Rejection } from "../../batch.ts";
import { type Event, NotJson } from "../../event.ts";
import { encodeFrame } from "../../storage/frame.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { notJsonData } from "../dead-letters/dead-letters.ts";
import type { Flight } from "../flow/flight.ts";
import type { Group } from "../flow/group.ts";
import type { Receiver } from "../flow/outlets.ts";
import type { LiveQueue } from "./live-queue.ts";
import { linesOf } from "./stored-event.ts";

/** Takes a batch's frames; `done` is called when they are in, or delivered if they are kept in memory. */
export interface Intake {
  put(flight: Flight, frames: readonly Buffer[], done: () => void): void;
}

/** What becomes of a batch for which there is no room: undefined where it waits. */
export interface Overflow {
  hasRoom(bytes: number): boolean;
  spill(flight: Flight, events: readonly Event[], done: () => void): void;
}

/** Puts events that cannot be written into the dead letter, in the commit of their batch. */
export type Reject = (flight: Flight, rejections: readonly Rejection[], done: () => void) => void;

/** The graph's end at a sink: events become frames and go to the sink's outbox. */
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
    const frames: Buffer[] = [];
    const refused: Rejection[] = [];
    for (const event of events) {
      const lines = linesOf(event);
      if (lines instanceof NotJson) refused.push({ event, reason: notJsonData, message: lines.message });
      else frames.push(encodeFrame(lines.head, lines.data));
    }
    if (refused.length > 0) this.#refuse(flight, refused);
    if (frames.length === 0) done();
    else if (this.#overflow?.hasRoom(sizeOf(frames)) === false)
      this.#overflow.spill(flight, refused.length > 0 ? without(events, refused) : events, done);
    else {
      this.#ledger.inFlight += frames.length;
      this.#outbox.put(flight, frames, done);
    }
  }

  #refuse(flight: Flight, refused: readonly Rejection[]): void {
    this.#ledger.deadLetter(notJsonData, refused.length);
    flight.open++;
    this.#reject(flight, refused, () => this.#group.release(flight));
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

const without = (events: readonly Event[], refused: readonly Rejection[]): readonly Event[] =>
  events.filter((event) => !refused.some((rejection) => rejection.event === event));

const sizeOf = (frames: readonly Buffer[]): number => frames.reduce((total, { length }) => total + length, 0);
