import { backoff } from "../backoff.ts";
import type { Context } from "../context.ts";
import type { SharedHistory } from "../detection/shared-history.ts";

/** What opening a shared history needs of its component. */
export type HistoryHost = Pick<Context<unknown>, "clock" | "log" | "signal">;

/** A history that is shared, and what must be waited for before the first event. */
export interface OpenHistory {
  readonly history: SharedHistory;
  prepare(): Promise<void>;
}

const waits = { initial: 250, max: 5_000 };
/** The most messages of one wait: what differs in each attempt must not fill the log. */
const mostMessages = 10;

/**
 * Tries `attempt` until it succeeds, or the component stops. `name`: what answers then. It resolves to flaws of the store, which
 * are logged. So is each error, once: what is wrong with a store may come to light only when it answers.
 */
export const untilItAnswers = async (
  name: string,
  attempt: () => Promise<readonly string[]>,
  { clock, log, signal }: HistoryHost,
): Promise<void> => {
  const said = new Set<string>();
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      for (const flaw of await attempt()) log.warn(`${name} ${flaw}`);
      if (failures > 1) log.info(`${name} answers`);
      return;
    } catch (error) {
      if (signal.aborted) return;
      const { message } = error as Error;
      if (!said.has(message) && said.size < mostMessages) log.warn(`${message}; no event is read before it does`);
      if (said.size < mostMessages) said.add(message);
      await clock.sleep(backoff(failures, waits), signal);
    }
  }
};
