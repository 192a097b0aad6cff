import type { Control } from "../control/control.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Lets a command ask about a data dir; what cannot be asked is told on the error stream, and the command fails. */
export const askControl = async (
  dataDir: string,
  terminal: Terminal,
  use: (control: Control) => Promise<number>,
): Promise<number> => {
  // Loaded when it is asked for: the other commands start without the storage.
  const { withControl } = await import("../control/open-control.ts");
  try {
    return await withControl(dataDir, use);
  } catch (error) {
    terminal.error(`${(error as Error).message}\n`);
    return exit.failed;
  }
};
