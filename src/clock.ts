import { setTimeout as sleep } from "node:timers/promises";

/** Time as plugins and the runtime see it: injected, so that every test decides what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The longest that a timer can be set to, in milliseconds (24.8 days); one for longer would go off at once. */
export const longestTimer = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    for (let left = Math.max(ms, 0); !signal?.aborted; left -= longestTimer) {
      await sleep(Math.min(left, longestTimer), undefined, signal ? { signal } : {}).catch(() => undefined);
      if (left <= longestTimer) return;
    }
  },
};
