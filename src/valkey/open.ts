import { type HistoryHost, type OpenHistory, untilItAnswers } from "../shared-history/waiting.ts";
import { Connection } from "./connection.ts";
import { flawsOf } from "./flaws.ts";
import { historyPurpose, ValkeyHistory } from "./history.ts";
import type { ValkeyConfig } from "./options.ts";

/** Opens a history in Valkey. It connects in `prepare`. */
export const openValkeyHistory = (config: ValkeyConfig, host: HistoryHost): OpenHistory => {
  const { signal } = host;
  const connection = new Connection(config, historyPurpose);
  signal.addEventListener("abort", () => connection.close(), { once: true });
  const look = () => flawsOf(connection, signal, { lost: "counts as new again", isExact: true });
  return {
    history: new ValkeyHistory(connection, config),
    prepare: () => untilItAnswers(connection.name, look, host),
  };
};
