import fc from "fast-check";
import { day } from "../findings.ts";

export const start = Date.UTC(2026, 0, 1, 20);
export const minute = 60_000;

export interface Door {
  readonly at: number;
  readonly user: string;
  readonly action: string;
}

export const lineOf = ({ at, user, action }: Door): string =>
  JSON.stringify({ "@timestamp": new Date(at).toISOString(), user: { name: user }, action });

/** Events in order of time; some at the same time. */
export const doorsInOrder = (max: number): fc.Arbitrary<readonly Door[]> =>
  fc
    .array(
      fc.record({
        gap: fc.oneof(
          fc.constantFrom(0, 1),
          fc.integer({ min: 0, max: 30 * minute }),
          fc.integer({ min: 0, max: 8 * 60 * minute }),
        ),
        user: fc.constantFrom("ann", "bob", "cat"),
        action: fc.constantFrom("open", "shut", "shut", "knock"),
      }),
      { minLength: 1, maxLength: max },
    )
    .map((steps) => {
      let at = start;
      return steps.map(({ gap, ...door }) => {
        at += gap;
        return { ...door, at };
      });
    });

/** In words of the definition: the first alert about a user is sent, and those within half an hour after it are not. */
export const openedIn = (list: readonly Door[], since: number) => {
  const days = new Map<number, number>();
  const counts = { alerts: 0, earlier: 0, suppressed: 0 };
  const sentAt = new Map<string, number>();
  for (const { user, action, at } of list) {
    if (action !== "open") continue;
    const isSent = at >= (sentAt.get(user) ?? Number.NEGATIVE_INFINITY) + 30 * minute;
    if (isSent) sentAt.set(user, at);
    if (isSent && at < since) counts.earlier++;
    if (at < since) continue;
    if (!isSent) {
      counts.suppressed++;
      continue;
    }
    counts.alerts++;
    const key = Math.floor(at / day) * day;
    days.set(key, (days.get(key) ?? 0) + 1);
  }
  return { days, counts };
};
