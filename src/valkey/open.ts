import { backoff } from "../backoff.ts";
import type { Context } from "../context.ts";
import type { SharedHistory } from "../detection/shared-history.ts";
import type { Config } from "../option/option.ts";
import { Connection, valkeyPackage } from "./connection.ts";
import { flawsOf } from "./flaws.ts";
import { historyPurpose, ValkeyHistory } from "./history.ts";
import { type sharedStateOption, valkeyConfig } from "./options.ts";

type State = Config<{ readonly state: typeof sharedStateOption }>["state"];
type Host = Pick<Context<unknown>, "clock" | "log" | "signal">;

/** A history that is shared, and what must be waited for before the first event. */
export interface OpenHistory {
  readonly history: SharedHistory;
  prepare(): Promise<void>;
}

/** The packages that a state needs. */
export const packagesForState = ({ type }: Pick<State, "type">): readonly string[] =>
  type === "valkey" ? [valkeyPackage] : [];

const waits = { initial: 250, max: 5_000 };

/** Opens the shared history that the option `state` names; `undefined` if it names none. It connects in `prepare`. */
export const openSharedHistory = (state: State, { clock, log, signal }: Host): OpenHistory | undefined => {
  const config = valkeyConfig(state);
  if (!config) return undefined;
  const connection = new Connection(config, historyPurpose);
  signal.addEventListener("abort", () => connection.close(), { once: true });
  return {
    history: new ValkeyHistory(connection, config),
    prepare: async () => {
      for (let failures = 1; !signal.aborted; failures++) {
        try {
          for (const flaw of await flawsOf(connection, signal, { lost: "is new again" }))
            log.warn(`${connection.name} ${flaw}`);
          if (failures > 1) log.info(`${connection.name} answers`);
          return;
        } catch (error) {
          if (signal.aborted) return;
          if (failures === 1) log.warn(`${(error as Error).message}; no event is read before it does`);
          await clock.sleep(backoff(failures, waits), signal);
        }
      }
    },
  };
};
