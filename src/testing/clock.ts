import { type Clock, systemClock } from "../clock.ts";

export interface VirtualClock extends Clock {
  /** Advances the time by `ms`, and wakes each sleeper at its time, in order. */
  advance(ms: number): Promise<void>;
  /** Sets the clock to another time, as an administrator does, while no time passes. */
  set(now: number): void;
  /** How many calls of `sleep` are waiting. */
  readonly sleepers: number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when `advance` or `set` is called. */
export const virtualClock = (start = Date.UTC(2026, 0, 1)): VirtualClock => {
  /** What `now` is ahead of `monotonic`. */
  let ahead = start;
  let now = 0;
  const sleepers = new Set<Sleeper>();
  const due = (until: number) => [...sleepers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => ahead + now,
    monotonic: () => now,
    set(to) {
      ahead = to - now;
    },
    get sleepers() {
      return sleepers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake);
      }),
    async advance(ms) {
      const until = now + ms;
      for (let next = due(until); next; next = due(until)) {
        now = Math.max(now, next.at);
        next.wake();
        await turn();
      }
      now = until;
      await turn();
    },
  };
};

/** Lets everything run that can run without time passing. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Advances a virtual clock until the work is done. False if that takes ten virtual minutes and `patience` real milliseconds. */
export const inVirtualTime = async (clock: VirtualClock, work: Promise<unknown>, patience = 5000): Promise<boolean> => {
  let isDone = false;
  const finish = () => {
    isDone = true;
  };
  work.then(finish, finish);
  const end = performance.now() + patience;
  for (let step = 0; !isDone && (step < 80 || performance.now() < end); step++) {
    await clock.advance(Math.min(2 ** step, 10_000));
    // Whatever is outside the process runs in real time.
    if (step >= 20) await systemClock.sleep(1);
  }
  if (isDone) await work;
  return isDone;
};
