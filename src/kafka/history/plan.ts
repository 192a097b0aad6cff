import type { HistoryEntry, Observation } from "../../detection/new-terms/observe.ts";
import type { Change, Claim } from "./change.ts";
import { type Replica, sighted } from "./replica.ts";

/** How to answer some events, each given as a claim. */
export interface Plan {
  /** For each event, the replica's answer, if it is certain: nothing is new, or the event already has an answer. */
  readonly answers: readonly (readonly Observation[] | undefined)[];
  /** What to write to the topic before the events go on. Its claims are those without an answer. */
  readonly changes: readonly Change[];
}

/**
 * Judges events in order by what a replica knows, as if the earlier ones had already been written. A replica may be behind: what it
 * knows is certain, and what it does not know must be claimed. But it must have everything that was written by an earlier plan: a
 * refresh replaces the earlier ones of its writer.
 */
export const planFor = (replica: Replica, events: readonly Claim[]): Plan => {
  const ahead = new Map<string, HistoryEntry>();
  const changes: Change[] = [];
  const answers = events.map((claim) => {
    const answered = replica.answer(claim);
    if (answered) return answered;
    const { owner, keys, window, lateness } = claim;
    const nameOf = (key: string) => `${owner} ${key}`;
    const before = keys.map((key) => ahead.get(nameOf(key)) ?? replica.entry(owner, key));
    const seen = before.map((entry) => sighted(entry, claim));
    const isNew = seen.some((each) => each.isNew);
    if (!isNew && before.every((entry, index) => covers(entry, seen[index]!.entry))) return seen;
    for (const [index, key] of keys.entries()) ahead.set(nameOf(key), seen[index]!.entry);
    changes.push(isNew ? claim : { owner, keys, window, lateness, entries: seen.map(({ entry }) => entry) });
    return isNew ? undefined : seen;
  });
  return { answers, changes };
};

/** Whether a sighting added nothing to an entry, because its time is within a run. */
const covers = (before: HistoryEntry | undefined, after: HistoryEntry): boolean =>
  before?.length === after.length &&
  before.every(([first, last], index) => first === after[index]![0] && last === after[index]![1]);
