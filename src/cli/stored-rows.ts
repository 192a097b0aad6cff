import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describeMissing, openStopped } from "../control/stopped.ts";
import { openDataDir, writerOver } from "../runtime/data-dir.ts";
import { whyUnreadable } from "../storage/damage.ts";
import { StateRows } from "../storage/state-rows.ts";
import { printable } from "../text.ts";
import { exit, type Terminal } from "./terminal.ts";

type Use = (rows: StateRows) => Promise<number> | number;

/** The state as it is at one moment. */
export const reading = (dataDir: string, terminal: Terminal, use: Use): Promise<number> =>
  telling(terminal, async () => {
    const path = join(dataDir, "weir.db");
    if (!existsSync(path)) throw new Error(describeMissing(dataDir));
    try {
      const rows = new StateRows(path, { readOnly: true });
      try {
        return await rows.snapshot(() => use(rows));
      } finally {
        rows.close();
      }
    } catch (error) {
      const unreadable = whyUnreadable(dataDir);
      throw unreadable === undefined ? error : new Error(unreadable);
    }
  });

/** The state of a stopped weir, which cannot start meanwhile. */
export const changing = (dataDir: string, terminal: Terminal, use: Use): Promise<number> =>
  telling(terminal, async () => {
    const stopped = openStopped(dataDir);
    try {
      const rows = new StateRows(join(dataDir, "weir.db"), { readOnly: false });
      try {
        return await use(rows);
      } finally {
        rows.close();
      }
    } finally {
      stopped.close();
    }
  });

const telling = async (terminal: Terminal, work: () => Promise<number>): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    terminal.error(`${(error as Error).message}\n`);
    return exit.failed;
  }
};

/**
 * Calls `use` when the data dir exists: it is created if there is none, or if the folder is empty, and what was created is
 * removed when `use` does not succeed.
 */
export const creating = async (dataDir: string, terminal: Terminal, use: () => Promise<number>): Promise<number> => {
  const isThere = existsSync(dataDir);
  if (isThere && readdirSync(dataDir).length > 0) return use();
  const remove = () => {
    if (!isThere) rmSync(dataDir, { recursive: true, force: true });
    else for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { recursive: true, force: true });
  };
  const code = await telling(terminal, async () => {
    await openDataDir(dataDir, writerOver()).close();
    return use();
  });
  if (code !== exit.success) remove();
  else terminal.error(`"${printable(dataDir)}" is a new data dir.\n`);
  return code;
};
