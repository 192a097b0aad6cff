import { reachControl } from "./client.ts";
import type { Control } from "./control.ts";
import { openStopped } from "./stopped.ts";

/**
 * Asks the weir that runs on the data dir or, when none does, its files, which are locked meanwhile. Rejects with an
 * error for people when there is no such data dir, or one is running that does not answer.
 */
export const withControl = async <T>(dataDir: string, use: (control: Control) => Promise<T>): Promise<T> => {
  const running = await reachControl(dataDir);
  if (running) return use(running);
  const stopped = openStopped(dataDir);
  try {
    return await use(stopped);
  } finally {
    stopped.close();
  }
};
