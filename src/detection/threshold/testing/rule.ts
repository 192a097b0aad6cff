import { type Event, RecordMeta } from "../../../event.ts";
import { plainRule } from "../../testing/plain-rule.ts";
import type { ThresholdRule } from "../rule-type.ts";

/** Times in tests count from here. */
export const start = Date.UTC(2026, 0, 1);
/** The host's clock is this far ahead of the times of events. */
export const ahead = 1_000_000;

/** Of the rule, in milliseconds. */
export const window = 60;
export const lateness = 40;

export const ruleOf = (threshold: Partial<ThresholdRule["threshold"]>, timestamp = "door.time"): ThresholdRule => ({
  name: "burst",
  id: "b4c1f1de-98e2-4b8d-9a8b-3b0b8e0a7c56",
  version: 1,
  title: "Many Doors",
  description: "For tests.",
  type: "threshold",
  query: "action:open",
  threshold: { fields: ["user"], value: 3, cardinality: [], window, lateness, ...threshold },
  timestamp,
  severity: "low",
  risk_score: 10,
  ...plainRule,
});

export interface Opened {
  readonly at: number;
  readonly user: string | readonly string[] | undefined;
  readonly door: string | readonly string[];
}

export const eventOf = ({ at, user, door }: Opened, index: number): Event => ({
  data: { action: "open", user, "door.name": door, "door.time": start + at },
  meta: new RecordMeta("doors", "log", index, start + ahead + index),
});
