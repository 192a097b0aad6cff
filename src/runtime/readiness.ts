import { systemClock } from "../clock.ts";
import type { Runtime } from "./runtime.ts";

export interface Waiting {
  /** How long to wait, in milliseconds of real time. */
  readonly atMost: number;
  /** Whether the run is over. */
  hasEnded(): boolean;
}

/**
 * Waits until all transforms are ready for events, or the run ends. Returns a sentence, without its end, if one of them is not
 * ready in time.
 */
export const whyUnready = async (
  runtime: Pick<Runtime, "unprepared">,
  { atMost, hasEnded }: Waiting,
): Promise<string | undefined> => {
  for (const since = performance.now(); !hasEnded(); ) {
    const [first] = runtime.unprepared;
    if (first === undefined) return undefined;
    if (performance.now() - since >= atMost)
      return `"${first}" did not get what it needs before the first event, such as a page at a URL`;
    await systemClock.sleep(1);
  }
  return undefined;
};
