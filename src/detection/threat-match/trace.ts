import { counted, shortened } from "../../text.ts";
import type { Trace } from "../../transform/trace.ts";
import type { Seen } from "./matcher.ts";

/** Says of each entry what it found, and how many indicators are left when all conditions are counted in. */
export const traceMatches = (seen: readonly Seen[], matches: number, trace: Trace): void => {
  const groups = Map.groupBy(seen, ({ group, entry }) => JSON.stringify([group, entry.field, entry.value]));
  const told = new Set<string>();
  for (const [first, ...others] of groups.values()) {
    const { entry, values } = first!;
    const title = `${entry.field} → ${entry.value}`;
    if (told.has(title)) continue;
    told.add(title);
    // One for each source.
    const count = others.reduce((sum, each) => sum + each.count, first!.count);
    trace({ title, outcome: outcomeOf(values, count) });
  }
  if (matches > 0) trace({ title: "all of a mapping", outcome: `fits ${counted(matches, "indicator")}` });
  else if (seen.some(({ count }) => count > 0))
    trace({
      title: "all of a mapping",
      outcome: "fits no indicator: another entry does not, or the indicator is too old",
    });
};

/** The most values that are shown. */
const most = 3;

const outcomeOf = (values: readonly string[], count: number): string => {
  if (values.length === 0) return "the event has no value";
  const shown = values.slice(0, most).map((value) => JSON.stringify(shortened(value, 80)));
  const list = `${shown.join(", ")}${values.length > most ? ", …" : ""}`;
  return count === 0 ? `no indicator that counts has ${list}` : `${counted(count, "indicator")} with ${list}`;
};
