import { exit } from "./terminal.ts";

const signals = ["SIGINT", "SIGTERM"] as const;

/** Runs `work`; a signal meanwhile exits the process, and with it go temporary data dirs, which would stay behind otherwise. */
export const exitingOnSignals = async <T>(work: () => Promise<T>): Promise<T> => {
  const leave = () => process.exit(exit.failed);
  for (const signal of signals) process.once(signal, leave);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, leave);
  }
};
