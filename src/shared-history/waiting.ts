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
/** The most messages of one wait: messages that differ in each attempt must not fill the log. */
const mostMessages = 10;

/**
 * Tries `attempt` until it succeeds, or the component stops. `name`: the store, for messages. `attempt` resolves to flaws of the store,
 * which are logged. Each error is logged once: some errors appear only when the store answers.
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
      if (!said.has(message) && said.size < mostMessages)
        log.warn(`${message}; weir retries, and reads no events until it succeeds`);
      if (said.size < mostMessages) said.add(message);
      await clock.sleep(backoff(failures, waits), signal);
    }
  }
};
