import { durationText } from "../../option/quantity.ts";
import type { Trace } from "../../transform/trace.ts";
import { timeText } from "../event-time.ts";
import type { Candidate } from "./candidates.ts";
import { lastSeen, type Observation } from "./observe.ts";

interface Seen {
  readonly fields: readonly string[];
  readonly window: number;
  readonly at: number;
  readonly seen: ReadonlyMap<string, Observation>;
}

/** Says of each combination whether it is new, and of several terms which of them are. */
export const traceCandidates = (candidates: readonly Candidate[], { fields, window, at, seen }: Seen, trace: Trace) => {
  const standing = (key: string, known: string): string => {
    const observation = seen.get(key)!;
    const last = lastSeen(observation, at, window);
    if (!observation.isNew) return last === undefined ? known : `${known}, last seen ${timeText(last)}`;
    return last === undefined ? "new" : `new, last seen ${timeText(last)}, more than ${durationText(window)} before`;
  };
  for (const { key, values, termKeys, beyond } of candidates) {
    const title = values.map((value, index) => `${fields[index]} ${JSON.stringify(value)}`).join(", ");
    trace({ title: beyond === undefined ? title : `${beyond} more combinations`, outcome: standing(key, "known") });
    if (values.length > 1)
      for (const [index, value] of values.entries())
        trace({
          title: `${fields[index]} ${JSON.stringify(value)}`,
          outcome: `${standing(termKeys[index]!, "known")} by itself`,
          depth: 1,
        });
  }
};

/** Says which fields have no value. */
export const traceMissing = (fields: readonly string[], values: readonly (readonly string[])[], trace: Trace) => {
  for (const [index, field] of fields.entries())
    if (values[index]!.length === 0) trace({ title: field, outcome: "has no value" });
};
