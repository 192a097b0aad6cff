import { closeSync, openSync, writeFileSync } from "node:fs";
import type { Log } from "../plugin.ts";
import type { Stats } from "../runtime/stats.ts";

/** Throws an error for people if `path` cannot be written: before the run, not after it. */
export const prepareStats = (path: string): void => {
  try {
    closeSync(openSync(path, "a"));
  } catch (error) {
    throw new Error(`--stats: "${path}" cannot be written: ${(error as Error).message}`);
  }
};

/** Writes the counters; false, with an error in the log, if that fails. */
export const writeStats = (path: string, stats: Stats, log: Log): boolean => {
  try {
    writeFileSync(path, `${JSON.stringify(stats, null, 2)}\n`);
    return true;
  } catch (error) {
    log.error(`--stats: "${path}" cannot be written: ${(error as Error).message}`);
    return false;
  }
};
