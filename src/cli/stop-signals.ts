import { leaveNow } from "./leave.ts";

/** Signals this close together are one request: some supervisors send each twice, and a terminal signals the whole process group. */
const sameRequest = 500;

export interface StopSignals {
  /** Calls `stop` on SIGTERM or SIGINT, immediately if one has arrived already. */
  onStop(stop: (signal: string) => void): void;
}

/** Listens from now on, so that a signal that arrives early is not lost. A second signal ends the process immediately. */
export const stopSignals = (): StopSignals => {
  let first: { readonly signal: string; readonly at: number } | undefined;
  let notify: ((signal: string) => void) | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      const at = performance.now();
      if (first && at - first.at < sameRequest) return;
      if (first) leaveNow(1);
      first = { signal, at };
      notify?.(signal);
    });
  return {
    onStop: (stop) => {
      notify = stop;
      if (first) stop(first.signal);
    },
  };
};
