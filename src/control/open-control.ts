import { reachControl } from "./client.ts";
import type { Control } from "./control.ts";
import { openStopped } from "./stopped.ts";

/**
 * Uses the weir that runs on the data dir or, if none does, its files, which are locked meanwhile. Rejects with an error
 * for people if there is no data dir, or a weir that runs on it does not answer.
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
