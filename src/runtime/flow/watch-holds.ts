import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import type { Stage } from "./stages/stage.ts";

export interface HoldWatch {
  readonly stages: ReadonlyMap<string, Stage>;
  /** Reports why a component makes the run not ready; `undefined` when the problem is resolved. */
  readonly onTrouble: (component: string, message: string | undefined) => void;
  readonly clock: Clock;
  readonly log: (component: string) => Log;
  readonly signal: AbortSignal;
}

/** If a transform has held the oldest batch for this long, in milliseconds, the run is not ready. */
const maxHold = 5_000;
const interval = 1_000;

/** Reports transforms that hold the oldest uncommitted batch for too long, until `signal` aborts. */
export const watchHolds = async ({ stages, onTrouble, clock, log, signal }: HoldWatch): Promise<void> => {
  const named = new Set<string>();
  while (!signal.aborted) {
    await clock.sleep(interval, signal);
    for (const [id, { blockingSince, waitsFor }] of stages) {
      const held = blockingSince === undefined ? 0 : clock.monotonic() - blockingSince;
      if (held < maxHold) {
        if (named.delete(id)) onTrouble(id, undefined);
      } else if (!named.has(id)) {
        const message = `the transform "${id}" has held a batch for ${Math.round(held / 1000)} s without sending it on`;
        named.add(id);
        onTrouble(id, waitsFor === undefined ? message : `${message}: ${waitsFor}`);
        if (waitsFor !== undefined) continue;
        log(id).error(`${message}: nothing after it can be committed`);
      }
    }
  }
};
