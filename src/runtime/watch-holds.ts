import type { Clock } from "../clock.ts";
import type { Log } from "../plugin.ts";
import type { TransformNode } from "./transform-node.ts";

export interface HoldWatch {
  readonly transforms: ReadonlyMap<string, TransformNode>;
  /** Why the run is not ready, by component: entries of transforms come and go here. */
  readonly unready: Map<string, string>;
  readonly clock: Clock;
  readonly log: (component: string) => Log;
  readonly signal: AbortSignal;
}

/** A batch held by a transform for longer than this, in milliseconds, makes the run unready. */
const maxHold = 30_000;
const interval = 5_000;

/** Names transforms that keep a batch to themselves, until `signal` aborts. */
export const watchHolds = async ({ transforms, unready, clock, log, signal }: HoldWatch): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(interval, signal);
    for (const [id, { heldSince }] of transforms) {
      const held = heldSince === undefined ? 0 : clock.now() - heldSince;
      if (held < maxHold) unready.delete(id);
      else if (!unready.has(id)) {
        const message = `the transform "${id}" has held a batch for ${Math.round(held / 1000)} s without sending it on`;
        unready.set(id, message);
        log(id).error(`${message}: nothing after it can be committed`);
      }
    }
  }
};
