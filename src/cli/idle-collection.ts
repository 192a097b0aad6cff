import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** For how long nothing must have arrived, in milliseconds. */
const quiet = 5_000;
/** With a larger heap, in bytes, a collection takes longer than an event should wait. */
const largestHeap = 64 * 1024 * 1024;

/**
 * Collects garbage once, when nothing has arrived for a while, and so gives back what the start needed. V8 does not do that by itself: it
 * collects when memory is asked for. `arrived`: a count of all that has arrived.
 */
export const collectWhenIdle = (arrived: () => number, collect: () => void = collectGarbage): void => {
  let before = arrived();
  const timer = setInterval(() => {
    const now = arrived();
    const isIdle = now === before;
    before = now;
    if (!isIdle) return;
    clearInterval(timer);
    collect();
  }, quiet);
  timer.unref();
};

type Collect = (options: { type: "major"; execution: "async"; flavor: "last-resort" }) => Promise<void>;

/**
 * Collects all garbage in a turn of its own, and gives memory back to the system: 10 MB after a start, in two pauses of 20 ms. Does
 * nothing if more than `most` bytes of the heap are used.
 */
export const collectGarbage = (most = largestHeap): Promise<void> => {
  if (process.memoryUsage().heapUsed > most) return Promise.resolve();
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as Collect;
  // A thread takes nothing from the cache of compiled code under another flag.
  setFlagsFromString("--no-expose-gc");
  return gc({ type: "major", execution: "async", flavor: "last-resort" });
};
