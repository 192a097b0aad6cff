import { closeSync, openSync, writeFileSync } from "node:fs";
import type { Log } from "../plugin.ts";
import type { Stats } from "../runtime/stats.ts";

/** Throws an error for people when the counters could not be written to `path`: better known before the run than after. */
export const prepareStats = (path: string): void => {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw new Error(`--stats: "${path}" cannot be written: ${(error as Error).message}`);
  }
};

/** Whether the counters are in the file; if not, the log says why. */
export const writeStats = (path: string, stats: Stats, log: Log): boolean => {
  try {
    writeFileSync(path, `${JSON.stringify(stats, null, 2)}\n`);
    return true;
  } catch (error) {
    log.error(`the counters are not in "${path}": ${(error as Error).message}`);
    return false;
  }
};
