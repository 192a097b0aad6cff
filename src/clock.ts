import { setTimeout as sleep } from "node:timers/promises";

/** The clock of plugins and the runtime. It is injected, so that tests control the time. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC, for timestamps. It jumps when someone sets the machine's clock. */
  now(): number;
  /** Milliseconds since some fixed moment, for intervals, limits and ages. It never jumps and never runs backwards. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest timeout that Node supports, in milliseconds (24.8 days). A longer one would fire at once. */
export const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    for (let left = Math.max(ms, 0); !signal?.aborted; left -= longestTimer) {
      await sleep(Math.min(left, longestTimer), undefined, signal ? { signal } : {}).catch(() => undefined);
      if (left <= longestTimer) return;
    }
  },
};
