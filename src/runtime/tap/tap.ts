import type { Clock } from "../../clock.ts";
import { type Event, NotJson } from "../../event.ts";
import type { KqlPredicate } from "../../kql/index.ts";
import { linesOf } from "../delivery/stored-event.ts";
import { Waiters } from "../flow/waiters.ts";
import { Allowance } from "./allowance.ts";
import type { TapPoint } from "./tap-point.ts";
import { threadTime } from "./thread-time.ts";

/** An event that a tap has seen: where, and the two lines that an outbox would have for it. */
export interface SeenEvent {
  readonly component: string;
  /** The name of the output that it left by, if it is not the default one. */
  readonly output?: string | undefined;
  /** Its meta, as one line of JSON. */
  readonly head: string;
  /** Its data, as one line of JSON. */
  readonly data: string;
}

/**
 * Events that passed and that the tap does not show. `rate`: there were more in a second than it may show. `time`: looking at
 * them would have taken time from the run. `slow`: its reader had not taken the earlier ones. `unreadable`: their data is not
 * JSON, or cannot be read. With a filter, some of the first three would not have matched.
 */
export type Missed = Readonly<Record<"rate" | "time" | "slow" | "unreadable", number>>;

/** What a tap has seen since its last part. */
export interface TapPart {
  readonly events: readonly SeenEvent[];
  readonly missed: Missed;
}

export interface TapOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** The time that the thread of the run has been at work, in milliseconds. */
  readonly busy?: () => number;
  /** Only events whose data matches are shown. */
  readonly where: KqlPredicate | undefined;
  /** The most events to show in a second. */
  readonly rate: number;
  /** Called once, when it sees nothing more. */
  readonly closed: (tap: Tap) => void;
}

/** How much text waits for the reader, in UTF-16 units; a single longer event is kept if nothing else waits. */
export const mostWaiting = 2 * 1024 * 1024;
/** How much text is in one part, in UTF-16 units, unless a single event is longer. */
const partSize = 256 * 1024;
/** Time between two parts, in milliseconds: events are sent together. */
const gathering = 100;
/** The same after a part without events, which only says what was missed. */
const seldom = 250;
/** The time that all taps together may take from the run: milliseconds in a second. */
export const timePerSecond = 5;
/** What of that time can be saved up for a burst, in milliseconds. */
const timeSaved = 25;
/** For the object of an event that waits, in UTF-16 units. */
const eventCost = 64;

const nothingMissed: Missed = { rate: 0, time: 0, slow: 0, unreadable: 0 };

/**
 * Shows events that pass some points of a running graph. It holds up nothing: what its reader does not take in time, or what
 * would take too much time to look at, is missed and counted. Of a batch that it cannot show as a whole, it shows events from
 * everywhere in the batch.
 */
export class Tap implements AsyncIterable<TapPart> {
  readonly #options: TapOptions;
  readonly #rate: Allowance;
  readonly #time: Allowance;
  readonly #arrivals = new Waiters();
  readonly #over = new AbortController();
  /** How long looking at an event has taken lately, in milliseconds. */
  #cost = 0;
  #waiting: SeenEvent[] = [];
  #size = 0;
  #missed: Record<keyof Missed, number> = { ...nothingMissed };
  #isClosed = false;

  constructor(options: TapOptions) {
    const now = options.clock.monotonic();
    this.#options = options;
    this.#rate = new Allowance(options.rate, options.rate, now);
    this.#time = new Allowance(timePerSecond, timeSaved, now);
  }

  /** The number of taps that share the time. */
  share(taps: number): void {
    this.#time.change(timePerSecond / taps, this.#options.clock.monotonic());
  }

  /** Takes time that its reader cost the run from what it has, in milliseconds. */
  charge(time: number): void {
    this.#time.spend(time);
  }

  /** Called with events that pass. Never throws. */
  see(point: TapPoint, events: readonly Event[]): void {
    const count = events.length;
    if (count === 0) return;
    const { clock, where, random, busy = threadTime } = this.#options;
    const now = clock.monotonic();
    const shown = Math.max(0, Math.floor(this.#rate.left(now)));
    const time = this.#time.left(now);
    if (this.#isFull) this.#miss("slow", count);
    else if (shown === 0) this.#miss("rate", count);
    else if (time <= 0) this.#miss("time", count);
    else {
      const start = busy();
      const timely = this.#cost > 0 ? Math.max(1, Math.floor(time / this.#cost)) : count;
      const looked = Math.min(count, timely, where ? count : shown);
      if (looked < count) this.#miss(looked === timely ? "time" : "rate", count - looked);
      this.#look(point, spread(events, looked, random), { shown, until: start + time });
      const taken = busy() - start;
      this.#cost = 0.75 * this.#cost + 0.25 * (taken / looked);
      this.#time.spend(taken);
    }
  }

  #look(point: TapPoint, events: readonly Event[], most: { readonly shown: number; readonly until: number }): void {
    const { where, busy = threadTime } = this.#options;
    const { component, output } = point;
    let left = most.shown;
    for (const [index, event] of events.entries()) {
      const over = this.#isFull ? "slow" : left === 0 ? "rate" : busy() > most.until ? "time" : undefined;
      if (over !== undefined) {
        this.#miss(over, events.length - index);
        break;
      }
      try {
        if (where && !where(event.data, event.meta.ingested)) continue;
      } catch {
        this.#miss("unreadable", 1);
        continue;
      }
      const lines = linesOf(event);
      if (lines instanceof NotJson) this.#miss("unreadable", 1);
      else {
        left--;
        this.#rate.spend(1);
        this.#size += sizeOf(lines);
        this.#waiting.push({ component, ...(output !== undefined && { output }), head: lines.head, data: lines.data });
      }
    }
    if (this.#waiting.length > 0) this.#arrivals.wake();
  }

  get #isFull(): boolean {
    return this.#size >= mostWaiting;
  }

  #miss(reason: keyof Missed, count: number): void {
    this.#missed[reason] += count;
    this.#arrivals.wake();
  }

  /** Sees nothing more. What waits for the reader can still be read. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#over.abort();
    this.#arrivals.wake();
    this.#options.closed(this);
  }

  /** What it sees, until it is closed. A reader that leaves closes it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TapPart, void> {
    const { clock } = this.#options;
    try {
      while (!this.#isClosed || this.#hasNews) {
        if (this.#hasNews) {
          const part = this.#take();
          yield part;
          const pause = part.events.length > 0 ? gathering : seldom;
          if (!this.#isClosed && this.#size < partSize) await clock.sleep(pause, this.#over.signal);
        } else await this.#arrivals.wait(this.#over.signal);
      }
    } finally {
      this.#waiting = [];
      this.close();
    }
  }

  get #hasNews(): boolean {
    return this.#waiting.length > 0 || Object.values(this.#missed).some((count) => count > 0);
  }

  #take(): TapPart {
    let [count, size] = [0, 0];
    while (count < this.#waiting.length && size < partSize) size += sizeOf(this.#waiting[count++]!);
    const events = this.#waiting.splice(0, count);
    const missed = this.#missed;
    this.#size -= size;
    this.#missed = { ...nothingMissed };
    return { events, missed };
  }
}

const sizeOf = ({ head, data }: Pick<SeenEvent, "head" | "data">): number => head.length + data.length + eventCost;

/** Some of the events, in their order, from everywhere in the list. */
const spread = (events: readonly Event[], count: number, random: () => number): readonly Event[] => {
  if (count >= events.length) return events;
  const offset = random();
  return Array.from({ length: count }, (_, index) => events[Math.floor(((index + offset) * events.length) / count)]!);
};
