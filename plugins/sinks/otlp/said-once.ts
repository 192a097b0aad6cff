import type { Context } from "weir";

/** How long the same warning is not repeated, in milliseconds. */
const pause = 60_000;

/** Logs warnings of a receiver, at most one a minute. */
export const saidOnce = ({ clock, log }: Pick<Context<unknown>, "clock" | "log">): ((message: string) => void) => {
  let last = Number.NEGATIVE_INFINITY;
  return (message) => {
    const now = clock.monotonic();
    if (now - last < pause) return;
    last = now;
    log.warn(message);
  };
};
