/** Some of those that pass signals on send each twice, and a terminal tells the whole process group: one request. */
const sameRequest = 500;

export interface StopSignals {
  /** Calls `stop` when the process is told to stop (SIGTERM, SIGINT), at once if that was so before. */
  onStop(stop: (signal: string) => void): void;
}

/** Listens from now on, so that a signal which comes before there is something to stop counts; a second one ends at once. */
export const stopSignals = (): StopSignals => {
  let first: { readonly signal: string; readonly at: number } | undefined;
  let tell: ((signal: string) => void) | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      const at = performance.now();
      if (first && at - first.at < sameRequest) return;
      if (first) process.exit(1);
      first = { signal, at };
      tell?.(signal);
    });
  return {
    onStop: (stop) => {
      tell = stop;
      if (first) stop(first.signal);
    },
  };
};
