import { type HistoryHost, type OpenHistory, untilItAnswers } from "../shared-history/waiting.ts";
import { Connection } from "./connection.ts";
import { ValkeyHistory } from "./history.ts";
import type { ValkeyConfig } from "./options.ts";

/** Opens a history in Valkey. It connects in `prepare`. */
export const openValkeyHistory = (config: ValkeyConfig, host: HistoryHost): OpenHistory => {
  const { signal } = host;
  const connection = new Connection(config);
  signal.addEventListener("abort", () => connection.close(), { once: true });
  return {
    history: new ValkeyHistory(connection, config),
    prepare: () => untilItAnswers(connection.name, () => flawsOf(connection, signal), host),
  };
};

/** What in the settings of the server can lose parts of a history. Some servers do not tell. */
const flawsOf = (connection: Connection, signal: AbortSignal): Promise<readonly string[]> =>
  connection.with(signal, async ({ client }) => {
    try {
      const { appendonly } = await client.configGet("appendonly");
      const { maxmemory } = await client.configGet("maxmemory");
      const { "maxmemory-policy": policy } = await client.configGet("maxmemory-policy");
      return [
        ...(appendonly === "no" ? ["has appendonly off: what it forgets in a crash is new again"] : []),
        ...(maxmemory !== "0" && policy !== undefined && policy !== "noeviction"
          ? [`may evict keys (maxmemory-policy is "${policy}"): what it evicts is new again; set it to "noeviction"`]
          : []),
      ];
    } catch (error) {
      if (/^(ERR|NOPERM)/.test((error as Error).message)) return [];
      throw error;
    }
  });
