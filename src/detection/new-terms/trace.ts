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
  const standing = (key: string, itself = ""): string => {
    const observation = seen.get(key)!;
    const last = lastSeen(observation, at, window);
    const word = `${observation.isNew ? "new" : "known"}${itself}`;
    if (last === undefined) return word;
    const ago = observation.isNew ? `, more than ${durationText(window)} before` : "";
    return `${word}, last seen ${timeText(last)}${ago}`;
  };
  for (const { key, values, termKeys, beyond } of candidates) {
    const named = values.map((value, index) => `${fields[index]} ${JSON.stringify(value)}`);
    trace({ title: beyond === undefined ? named.join(", ") : `${beyond} more combinations`, outcome: standing(key) });
    if (values.length === 1 || !seen.get(key)!.isNew) continue;
    for (const [index, title] of named.entries())
      trace({ title, outcome: standing(termKeys[index]!, " by itself"), depth: 1 });
  }
};

/** Says which fields have no value. */
export const traceMissing = (fields: readonly string[], values: readonly (readonly string[])[], trace: Trace) => {
  for (const [index, field] of fields.entries())
    if (values[index]!.length === 0) trace({ title: field, outcome: "has no value" });
};
