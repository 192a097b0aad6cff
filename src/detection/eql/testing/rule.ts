import { type Event, RecordMeta } from "../../../event.ts";
import { fingerprint as hash } from "../../../fingerprint.ts";
import type { Data } from "../../../json.ts";
import type { State } from "../../../state.ts";
import { KeepRun } from "../../../testing/keep-run.ts";
import { detect } from "../../detect.ts";
import { plainRule } from "../../testing/plain-rule.ts";
import type { EqlRule } from "../options.ts";

/** Times in tests count from here. */
export const start = Date.UTC(2026, 0, 1);

/** The host's clock is this far ahead of the times of events. */
export const ahead = 1_000_000;

export const ruleOf = (
  query: string,
  correlation: Partial<EqlRule["correlation"]> = {},
  timestamp = "door.time",
): EqlRule => ({
  name: "doors",
  id: "b4c1f1de-98e2-4b8d-9a8b-3b0b8e0a7c55",
  version: 1,
  title: "Doors",
  description: "For tests.",
  type: "eql",
  query,
  correlation: { window: 360_000, lateness: 10, category: "event.category", ...correlation },
  timestamp,
  severity: "low",
  risk_score: 10,
  ...plainRule,
});

/** An event at a time after `start`. */
export const eventOf = (at: number, data: Data, index = at): Event => ({
  data: { ...data, "door.time": start + at },
  meta: new RecordMeta("doors", "log", index, start + ahead + index),
});

export const runOf = (rule: EqlRule, wrap: (state: State) => State = (state) => state): KeepRun =>
  new KeepRun({ id: "rules", outputs: [], build: (state) => detect({ rules: [rule], state: wrap(state), hash }) });

/** The alerts that were sent, without their building blocks: for each the places of its events. */
export const groupsOf = (events: readonly Event[]): readonly string[] =>
  events
    .filter(({ data }) => data["kibana.alert.group.index"] === undefined)
    .map(({ data }) => {
      const { eql } = data["weir"] as { readonly eql: { readonly events: readonly { readonly id: string }[] } };
      return eql.events.map(({ id }) => id.slice(id.indexOf("@") + 1)).join(" ");
    });
