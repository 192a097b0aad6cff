import { setImmediate as nextTurn } from "node:timers/promises";
import type { Reading } from "../../plugin.ts";

export interface PumpOptions {
  readonly readings: AsyncIterable<Reading>;
  /** Resolves when there is room for more, or the source is to stop. */
  readonly room: () => Promise<void>;
  /** The source is asked from now on. */
  readonly asked: () => void;
  readonly take: (reading: Reading) => void;
  /** Something waits for a turn of the event loop: yield now, not only when the time is up. */
  readonly isWaitedFor: () => boolean;
  readonly signal: AbortSignal;
}

/** How long one turn may read on, in milliseconds. */
const turn = 1;

/**
 * Pulls a source: the next reading is asked for only while there is room, and that is the backpressure. Resolves when
 * the source has ended, or has been told to stop and has come to its end.
 */
export const pump = async ({ readings, room, asked, take, isWaitedFor, signal }: PumpOptions): Promise<void> => {
  const iterator = readings[Symbol.asyncIterator]();
  let turnEnds = performance.now() + turn;
  while (!signal.aborted) {
    await room();
    if (signal.aborted) break;
    asked();
    const { done, value } = await iterator.next();
    if (done) return;
    take(value);
    if (performance.now() < turnEnds && !isWaitedFor()) continue;
    await nextTurn();
    turnEnds = performance.now() + turn;
  }
  await iterator.return?.();
};
