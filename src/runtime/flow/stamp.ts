import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import { ingestionTime, isSetBack } from "../../ingestion-time.ts";
import { Seldom } from "../../telemetry/seldom.ts";

/** A clock that is ahead of the time that has passed by more than this, in milliseconds, was set forward. */
const leap = 3_600_000;

/**
 * Makes ingestion times, in milliseconds since 1970: the clock's time, but never lower than the highest one so far. The
 * highest one is committed, so this holds across restarts. If the clock is set back by more than five minutes, ingestion
 * times follow it. That is logged, and so is a clock that is set forward while weir runs.
 */
export class Stamps {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #seldom: Seldom;
  #highest: number;
  /** What the clock is ahead of the monotonic one. */
  #ahead: number;

  constructor(clock: Clock, log: Log, highest: number) {
    this.#clock = clock;
    this.#log = log;
    this.#seldom = new Seldom(clock);
    this.#highest = highest;
    this.#ahead = clock.now() - clock.monotonic();
  }

  /** The highest ingestion time so far, in this run or an earlier one; the last one, if the clock was set back. */
  get highest(): number {
    return this.#highest;
  }

  /** The time that `next` would return, without following or logging a clock that was set. */
  peek(): number {
    return ingestionTime(this.#clock.now(), this.#highest);
  }

  next(): number {
    const now = this.#clock.now();
    const ahead = now - this.#clock.monotonic();
    const [from, to] = [this.#highest, now];
    if (isSetBack(now, this.#highest)) this.#say("back", from, to);
    else if (ahead - this.#ahead > leap) this.#say("forward", this.#ahead + this.#clock.monotonic(), to);
    this.#ahead = ahead;
    this.#highest = ingestionTime(now, this.#highest);
    return this.#highest;
  }

  #say(direction: "back" | "forward", from: number, to: number): void {
    if (this.#seldom.ask(direction) === undefined) return;
    const step = `the clock was set ${direction} from ${timeText(from)} to ${timeText(to)}`;
    if (direction === "back")
      this.#log.error(
        `${step}: ingestion times follow it. What was seen only at later times may count as new once more, and open windows end now`,
      );
    else this.#log.warn(`${step}, or the machine was suspended: ingestion times follow the clock`);
  }
}

/** A clock can show times that have no date. */
const timeText = (time: number): string =>
  Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : `${time} ms since 1970`;
