import type { Control } from "../control/control.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Runs a command on a data dir; an error goes to the error stream, and the command fails. */
export const askControl = async (
  dataDir: string,
  terminal: Terminal,
  use: (control: Control) => Promise<number>,
): Promise<number> => {
  // Loaded on demand: other commands start faster without the storage.
  const { withControl } = await import("../control/open-control.ts");
  try {
    return await withControl(dataDir, use);
  } catch (error) {
    terminal.error(`${(error as Error).message}\n`);
    return exit.failed;
  }
};
