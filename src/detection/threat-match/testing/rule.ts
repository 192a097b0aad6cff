import { RecordMeta } from "../../../event.ts";
import { fingerprint as hash } from "../../../fingerprint.ts";
import type { Data } from "../../../json.ts";
import { memoryState } from "../../../transform/memory-state.ts";
import { runStep } from "../../../transform/run-step.ts";
import { detect } from "../../detect.ts";
import { plainRule } from "../../testing/plain-rule.ts";
import type { Enrichment } from "../enrichment.ts";
import { fixedIndicators, type IndicatorSource } from "../indicator.ts";
import type { Entry, ThreatMatch, ThreatMatchRule } from "../options.ts";

export const entry = (field: string, value: string, negate = false): Entry => ({ field, value, negate });
/** Times in tests count from here. */
export const start = Date.UTC(2026, 0, 31, 12);

export const ruleOf = (changes: Partial<ThreatMatch>): ThreatMatchRule => ({
  name: "known_address",
  id: "5d1c0f0a-51b3-4b53-a4f1-3d3f0f5c7e21",
  version: 1,
  title: "Known Address",
  description: "For tests.",
  type: "threat_match",
  query: "*:*",
  threat_match: {
    index: ["*"],
    query: "*:*",
    mapping: [{ entries: [entry("source.ip", "threat.indicator.ip")] }],
    indicator_path: "threat.indicator",
    ...changes,
  },
  timestamp: "event.ingested",
  severity: "high",
  risk_score: 73,
  ...plainRule,
});

export type Given = readonly Data[] | readonly IndicatorSource[];
const isSource = (one: Data | IndicatorSource): one is IndicatorSource => typeof one["derive"] === "function";

/** Runs the rule on events that come at `at`; `given`: its indicators, or where they come from. */
export const runOn = (changes: Partial<ThreatMatch>, given: Given, events: readonly Data[], at = start) => {
  const [first] = given;
  const indicators =
    first && isSource(first)
      ? (given as readonly IndicatorSource[])
      : [fixedIndicators(given as readonly Data[], { at })];
  const { event } = detect({ rules: [ruleOf(changes)], indicators, state: memoryState(), hash });
  return runStep(
    event,
    events.map((data, index) => ({ data, meta: new RecordMeta("log", "log", index, at) })),
  );
};

export const enrichmentsIn = (data: Data): readonly Enrichment[] =>
  (data["threat"] as { readonly enrichments: readonly Enrichment[] }).enrichments;

/** Of each enrichment of the alert about an event: the field, its value, and the id of the indicator. */
export const matchedIn = (changes: Partial<ThreatMatch>, given: Given, event: Data, at = start) =>
  runOn(changes, given, [event], at).events.flatMap(({ data }) =>
    enrichmentsIn(data).map(({ matched: { field, atomic, id } }) => [field, atomic, id]),
  );
