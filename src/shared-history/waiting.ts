import { backoff } from "../backoff.ts";
import type { Context } from "../context.ts";
import type { SharedHistory } from "../detection/shared-history.ts";

/** What a shared history needs from its component. */
export type HistoryHost = Pick<Context<unknown>, "clock" | "log" | "signal">;

/** A shared history. `prepare` must resolve before the first event. */
export interface OpenHistory {
  readonly history: SharedHistory;
  prepare(): Promise<void>;
}

const waits = { initial: 250, max: 5_000 };

/**
 * Tries `attempt` until it succeeds, or the component stops. `name`: the store, for messages. `attempt` resolves to flaws of the store,
 * which are logged.
 */
export const untilItAnswers = async (
  name: string,
  attempt: () => Promise<readonly string[]>,
  { clock, log, signal }: HistoryHost,
): Promise<void> => {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      for (const flaw of await attempt()) log.warn(`${name} ${flaw}`);
      if (failures > 1) log.info(`${name} answers`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 1) log.warn(`${(error as Error).message}; weir retries, and reads no events until it succeeds`);
      await clock.sleep(backoff(failures, waits), signal);
    }
  }
};
