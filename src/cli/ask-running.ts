import type { RunningControl } from "../control/control.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Runs a command on the weir that runs on a data dir; an error goes to the error stream, and the command fails. */
export const askRunning = async (
  dataDir: string,
  terminal: Terminal,
  use: (control: RunningControl) => Promise<number>,
): Promise<number> => {
  const { reachControl } = await import("../control/client.ts");
  try {
    const running = await reachControl(dataDir);
    if (running) return await use(running);
    terminal.error(`No weir is running on "${dataDir}". Give the data dir of your run with --data-dir.\n`);
  } catch (error) {
    terminal.error(`${(error as Error).message}\n`);
  }
  return exit.failed;
};
