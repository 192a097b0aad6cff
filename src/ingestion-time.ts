/** The clock was set back if it is behind the highest ingestion time by more than this, in milliseconds. */
const maxStep = 5 * 60_000;

/** Whether the clock was set back, when it shows `now`; a small step back is waited out. All times are in milliseconds. */
export const isSetBack = (now: number, highest: number): boolean => now < highest - maxStep;

/** The ingestion time at `now`: it never runs backwards, unless the clock was set back. */
export const ingestionTime = (now: number, highest: number): number =>
  isSetBack(now, highest) ? now : Math.max(now, highest);
