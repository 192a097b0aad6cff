import type { Clock } from "./clock.ts";

export interface VirtualClock extends Clock {
  /** Advances the time by `ms`, and wakes each sleeper at its time, in order. `between` lets each do its work. */
  advance(ms: number, between?: () => Promise<void>): Promise<void>;
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
    async advance(ms, between = turn) {
      const until = now + ms;
      for (let next = due(until); next; next = due(until)) {
        now = Math.max(now, next.at);
        next.wake();
        await between();
      }
      now = until;
      await between();
    },
  };
};

/** Lets everything run that can run without time passing. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
