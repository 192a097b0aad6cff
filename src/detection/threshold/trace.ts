import { durationText } from "../../option/quantity.ts";
import { counted } from "../../text.ts";
import type { Trace } from "../../transform/trace.ts";
import { timeText } from "../event-time.ts";
import type { Reached, Sighting, Wanted } from "./sightings.ts";

interface Seen {
  readonly fields: readonly string[];
  /** Of the group, in the order of the fields. */
  readonly values: readonly string[];
  readonly found: Reached | "alerted" | undefined;
  readonly at: number;
  readonly seen: readonly Sighting[];
  readonly wanted: Wanted;
  /** The field whose different values are counted. */
  readonly counted: string | undefined;
}

/** Says how far a group is. */
export const traceGroup = (seen: Seen, trace: Trace): void => {
  const { fields, values } = seen;
  const title = values.map((value, index) => `${fields[index]} ${JSON.stringify(value)}`).join(", ");
  trace({ title: title === "" ? "all events" : title, outcome: progressOf(seen) });
};

const progressOf = ({ found, at, seen, wanted: { value, cardinality, window }, counted: field }: Seen): string => {
  if (found === "alerted") return "not counted: an alert was raised about a later event of it, or one at the same time";
  if (found)
    return `reached with ${counted(found.count, "event")} from ${timeText(found.first)} to ${timeText(found.last)}`;
  const within = seen.filter((each) => each.at >= at - window && each.at <= at);
  const count = within.reduce((sum, { weight }) => sum + weight, 0);
  const different = new Set(within.flatMap((each) => each.values)).size;
  const parts = [
    `${count} of ${value} events`,
    ...(field === undefined ? [] : [`${different} of ${cardinality} different values of ${field}`]),
  ];
  return `${parts.join(" and ")} within ${durationText(window)}`;
};
