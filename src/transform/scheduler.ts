import { type SchedulerAction, type SchedulerLike, Subscription } from "rxjs";
import type { Clock } from "../clock.ts";

type Work<T> = (this: SchedulerAction<T>, state: T) => void;

export interface ClockSchedulerOptions {
  /** When it aborts, all scheduled work is cancelled, and no more can be scheduled. */
  readonly signal?: AbortSignal;
  /** Called with errors that scheduled work throws. Without it they are uncaught, as with the schedulers of RxJS. */
  readonly fail?: (error: unknown) => void;
}

/**
 * An RxJS scheduler for time operators such as `delay(1000, scheduler)`. Its `now` starts with the host's clock and advances
 * with the time that passes: operators compute intervals from it, so it must not jump when the clock is set.
 */
export const clockScheduler = (clock: Clock, options: ClockSchedulerOptions = {}): SchedulerLike =>
  new ClockScheduler(clock, options);

class ClockScheduler implements SchedulerLike {
  readonly clock: Clock;
  readonly fail: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  /** What `now` is ahead of the monotonic clock. */
  readonly #ahead: number;
  readonly #planned = new Set<Subscription>();

  constructor(clock: Clock, { signal, fail = uncaught }: ClockSchedulerOptions) {
    this.clock = clock;
    this.fail = fail;
    this.#ahead = clock.now() - clock.monotonic();
    this.#signal = signal;
    signal?.addEventListener("abort", () => this.#cancelAll(), { once: true });
  }

  now(): number {
    return this.#ahead + this.clock.monotonic();
  }

  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return new ClockAction<T>(this, work).schedule(state, delay);
  }

  get isOver(): boolean {
    return this.#signal?.aborted ?? false;
  }

  plan(action: Subscription): void {
    this.#planned.add(action);
  }

  unplan(action: Subscription): void {
    this.#planned.delete(action);
  }

  #cancelAll(): void {
    for (const action of [...this.#planned]) action.unsubscribe();
  }
}

/** One unit of work. As in RxJS, it can be rescheduled, from inside or outside; the new time replaces the old one. */
class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #scheduler: ClockScheduler;
  readonly #work: Work<T>;
  #sleep: AbortController | undefined;

  constructor(scheduler: ClockScheduler, work: Work<T>) {
    super(() => this.#cancel());
    this.#scheduler = scheduler;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#cancel();
    if (this.#scheduler.isOver) {
      this.unsubscribe();
      return this;
    }
    const sleep = new AbortController();
    this.#sleep = sleep;
    this.#scheduler.plan(this);
    void this.#scheduler.clock.sleep(delay > 0 ? delay : 0, sleep.signal).then(() => {
      if (!sleep.signal.aborted) this.#execute(state as T);
    });
    return this;
  }

  #execute(state: T): void {
    this.#sleep = undefined;
    this.#scheduler.unplan(this);
    try {
      this.#work.call(this, state);
    } catch (error) {
      this.unsubscribe();
      this.#scheduler.fail(error);
    }
  }

  #cancel(): void {
    this.#sleep?.abort();
    this.#sleep = undefined;
    this.#scheduler.unplan(this);
  }
}

const uncaught = (error: unknown): void => {
  queueMicrotask(() => {
    throw error;
  });
};
