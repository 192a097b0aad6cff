import { type SchedulerAction, type SchedulerLike, Subscription } from "rxjs";
import type { Clock } from "../clock.ts";

/** RxJS' time operators on the host's clock: `delay(1000, scheduler)` waits as long as the clock says. */
export const clockScheduler = (clock: Clock, signal?: AbortSignal): SchedulerLike => ({
  now: () => clock.now(),
  schedule: <T>(work: (this: SchedulerAction<T>, state: T) => void, delay = 0, state?: T): Subscription => {
    const action = new ClockAction<T>(clock, work, signal);
    return action.schedule(state, delay);
  },
});

/** One piece of work, which may schedule itself again. */
class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #clock: Clock;
  readonly #work: (this: SchedulerAction<T>, state: T) => void;
  readonly #signal: AbortSignal | undefined;
  #planned: AbortController | undefined;

  constructor(clock: Clock, work: (this: SchedulerAction<T>, state: T) => void, signal: AbortSignal | undefined) {
    super(() => this.#planned?.abort());
    this.#clock = clock;
    this.#work = work;
    this.#signal = signal;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#planned?.abort();
    const planned = new AbortController();
    this.#planned = planned;
    const either = this.#signal ? AbortSignal.any([this.#signal, planned.signal]) : planned.signal;
    void this.#clock.sleep(Math.max(0, delay), either).then(() => {
      if (either.aborted || this.closed) return;
      this.#planned = undefined;
      this.#work.call(this, state as T);
      if (!this.#planned) this.unsubscribe();
    });
    return this;
  }
}
