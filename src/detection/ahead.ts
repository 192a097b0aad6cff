import type { Event } from "../event.ts";
import type { Keeper } from "../transform/transform.ts";
import type { AskAhead, Asked, SharedHistory } from "./shared-history.ts";

/** Asks a shared history what the steps of some rules need, all in one call. */
export const askAhead = (history: SharedHistory, steps: readonly AskAhead[]): NonNullable<Keeper["ahead"]> => {
  const askedFor = (event: Event): readonly Asked[] =>
    steps.flatMap((ahead) => {
      try {
        return ahead(event) ?? [];
      } catch {
        // Its step fails in the same way, and the event goes to the dead letter.
        return [];
      }
    });
  return async (events, signal) => {
    const asked = events.flatMap(askedFor);
    if (asked.length === 0) return;
    const answers = await history.observe(
      asked.map(({ ask }) => ask),
      signal,
    );
    for (const [index, { take }] of asked.entries()) take(answers[index]!);
  };
};
