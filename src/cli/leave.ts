import { setTimeout as sleep } from "node:timers/promises";
import { isExecutable } from "../shipped.ts";

/** How long calls of the system may still run when everything else has ended, in milliseconds. */
const patience = 1_000;

/** With this argument, the single executable does nothing but end, with the code that follows. */
export const endingOnly = "--end-with-code";

let isBusy = (): boolean => false;

/** Sets how to find out whether another thread may be waiting for the disk, so that the process must not wait for its threads. */
export const watchThreads = (check: () => boolean): void => {
  isBusy = check;
};

/** Ends the process with this code, also if some call of the system does not return. */
export const leave = async (code: number): Promise<never> => {
  for (const until = performance.now() + patience; isCalling() && performance.now() < until; ) await sleep(10);
  return leaveNow(code);
};

/** Whether a thread of Node's pool is in a call of the file system. */
const isCalling = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"));

/**
 * Ends the process at once. `process.exit` waits for all threads, also for one that is stuck in a call of the system: a write
 * to a pipe that nobody reads, a file on a server that does not answer. Executing another program ends the threads first.
 */
export const leaveNow = (code: number): never => {
  if (!isBusy() && !isCalling()) return process.exit(code);
  process.emit("exit", code);
  process.removeAllListeners("exit");
  try {
    const ending = isExecutable ? [endingOnly, String(code)] : ["-e", `process.exit(${code})`];
    process.execve?.(process.execPath, [process.execPath, ...ending], {});
  } catch {
    // Not possible here: the usual way is left.
  }
  return process.exit(code);
};
