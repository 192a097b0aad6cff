import {
  asyncScheduler,
  concatMap,
  debounceTime,
  defer,
  delay,
  interval,
  map,
  type Observable,
  of,
  retry,
  type SchedulerAction,
  type SchedulerLike,
  Subject,
  take,
  throwError,
  timeout,
  timer,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { turn, virtualClock } from "../testing/index.ts";
import { clockScheduler } from "./scheduler.ts";

const setUp = (fail?: (error: unknown) => void) => {
  const clock = virtualClock(0);
  const stop = new AbortController();
  const scheduler = clockScheduler(clock, { signal: stop.signal, ...(fail && { fail }) });
  const said: string[] = [];
  const hear = (stream: Observable<unknown>) =>
    stream.subscribe({
      next: (value) => said.push(`${clock.now()} ${value}`),
      error: (error) => said.push(`${clock.now()} ${error.name}`),
      complete: () => said.push(`${clock.now()} complete`),
    });
  return { clock, stop, scheduler, said, hear };
};

/** What RxJS' own scheduler says of a stream in its virtual time. */
const oracle = (make: (scheduler: SchedulerLike) => Observable<unknown>): string[] => {
  const said: string[] = [];
  const virtual = new TestScheduler(() => undefined);
  virtual.run(() => {
    const at = () => asyncScheduler.now();
    make(asyncScheduler).subscribe({
      next: (value) => said.push(`${at()} ${value}`),
      error: (error) => said.push(`${at()} ${error.name}`),
      complete: () => said.push(`${at()} complete`),
    });
  });
  return said;
};

const flaky = () => {
  let tries = 0;
  return defer(() => (++tries < 3 ? throwError(() => new Error("not yet")) : of(`try ${tries}`)));
};

const streams: Readonly<Record<string, (scheduler: SchedulerLike) => Observable<unknown>>> = {
  delay: (scheduler) => of("a", "b").pipe(delay(30, scheduler)),
  timer: (scheduler) => timer(20, scheduler),
  "timer with a period": (scheduler) => timer(20, 5, scheduler).pipe(take(3)),
  "timer of a time that is past": (scheduler) => timer(-5, scheduler),
  interval: (scheduler) => interval(10, scheduler).pipe(take(4)),
  debounceTime: (scheduler) =>
    of(1, 2, 3, 40, 41).pipe(
      concatMap((ms) => timer(ms, scheduler).pipe(map(() => ms))),
      debounceTime(5, scheduler),
    ),
  "timeout in time": (scheduler) => timer(9, scheduler).pipe(timeout({ first: 10, scheduler })),
  "timeout too late": (scheduler) => timer(11, scheduler).pipe(timeout({ first: 10, scheduler })),
  "timeout of each": (scheduler) =>
    of(5, 9, 12).pipe(
      concatMap((ms) => timer(ms, scheduler)),
      timeout({ each: 10, scheduler }),
    ),
  retry: (scheduler) => flaky().pipe(retry({ delay: (_error, count) => timer(100 * count, scheduler) })),
  "two at one time": (scheduler) => of(1, 2).pipe(concatMap((n) => of(n).pipe(delay(0, scheduler)))),
};

describe("the scheduler on the host's clock", () => {
  it.each(Object.keys(streams))("does as the one of RxJS: %s", async (name) => {
    const { clock, scheduler, said, hear } = setUp();
    hear(streams[name]!(scheduler));
    await clock.advance(1000);
    expect(said.length).toBeGreaterThan(0);
    expect(said).toEqual(oracle(streams[name]!));
    expect(clock.sleepers).toBe(0);
  });

  it("runs work later, never at once", async () => {
    const { scheduler, said, clock } = setUp();
    scheduler.schedule(() => said.push("work"));
    expect(said).toEqual([]);
    await clock.advance(0);
    expect(said).toEqual(["work"]);
  });

  it("lets work schedule itself again with another state and delay", async () => {
    const { clock, scheduler, said } = setUp();
    function work(this: SchedulerAction<number>, count: number) {
      said.push(`${clock.now()} ${count}`);
      if (count < 4) this.schedule(count + 1, count * 10);
    }
    scheduler.schedule<number>(work as never, 5, 1);
    await clock.advance(1000);
    expect(said).toEqual(["5 1", "15 2", "35 3", "65 4"]);
  });

  it("lets an action be rescheduled after it has run, and replaces its time", async () => {
    const { clock, scheduler, said } = setUp();
    const action = scheduler.schedule<string>((state) => said.push(`${clock.now()} ${state}`), 5, "a");
    const again = (state: string, delay: number) => (action as SchedulerAction<string>).schedule(state, delay);
    await clock.advance(10);
    expect(action.closed).toBe(false);
    again("b", 50);
    again("c", 20);
    await clock.advance(1000);
    expect(said).toEqual(["5 a", "30 c"]);
  });

  it("cancels an unsubscribed action, also from within its work, and leaves no timer behind", async () => {
    const { clock, scheduler, said, hear } = setUp();
    const subscription = hear(interval(10, scheduler));
    await clock.advance(25);
    subscription.unsubscribe();
    await turn();
    expect(clock.sleepers).toBe(0);
    scheduler.schedule<undefined>(function (this: SchedulerAction<undefined>) {
      said.push("once");
      this.schedule(undefined, 1);
      this.unsubscribe();
      this.schedule(undefined, 1);
    } as never);
    await clock.advance(100);
    expect(said).toEqual(["10 0", "20 1", "once"]);
    expect(clock.sleepers).toBe(0);
  });

  it("runs the teardowns of an action when it is unsubscribed", () => {
    const { scheduler, said } = setUp();
    const action = scheduler.schedule(() => undefined, 10);
    action.add(() => said.push("torn down"));
    action.unsubscribe();
    expect(said).toEqual(["torn down"]);
  });

  it("reports errors of an action, ends it, and continues with the others", async () => {
    const errors: unknown[] = [];
    const { clock, scheduler, said } = setUp((error) => errors.push(error));
    const bad = scheduler.schedule<undefined>(function (this: SchedulerAction<undefined>) {
      this.schedule(undefined, 1);
      throw new Error("bad work");
    } as never);
    scheduler.schedule(() => said.push("good"), 5);
    await clock.advance(10);
    expect(errors).toEqual([new Error("bad work")]);
    expect(bad.closed).toBe(true);
    expect(said).toEqual(["good"]);
  });

  it("leaves an error inside an operator to the operator", async () => {
    const errors: unknown[] = [];
    const { clock, scheduler, said, hear } = setUp((error) => errors.push(error));
    hear(
      timer(5, scheduler).pipe(
        map(() => {
          throw new RangeError("in map");
        }),
      ),
    );
    await clock.advance(10);
    expect([said, errors]).toEqual([["5 RangeError"], []]);
  });

  it("runs nothing after the signal has aborted, and accepts no more work", async () => {
    const { clock, scheduler, stop, said, hear } = setUp();
    hear(interval(10, scheduler));
    hear(new Subject().pipe(timeout({ first: 15, scheduler })));
    await clock.advance(10);
    stop.abort();
    await turn();
    expect(clock.sleepers).toBe(0);
    expect(scheduler.schedule(() => said.push("late")).closed).toBe(true);
    await clock.advance(100);
    expect(said).toEqual(["10 0"]);
  });

  it.each([-1, 1])("keeps its intervals when the clock is set by %d years", async (years) => {
    const { clock, scheduler, said, hear } = setUp();
    const values = new Subject<string>();
    hear(values.pipe(debounceTime(50, scheduler)));
    values.next("first");
    await clock.advance(10);
    clock.set(years * 31_536_000_000);
    values.next("last");
    await clock.advance(50);
    expect(said).toEqual([`${clock.now()} last`]);
  });
});
