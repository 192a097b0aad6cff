import { describe, expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import { memoryState } from "../transform/memory-state.ts";
import { runStep } from "../transform/run-step.ts";
import { detect } from "./detect.ts";
import type { EqlRule } from "./eql/options.ts";
import type { NewTermsRule } from "./new-terms/rule-type.ts";
import type { Rule } from "./rule.ts";
import { languageOf, ruleTypes } from "./rule-types.ts";
import { plainRule } from "./testing/plain-rule.ts";
import { fixedIndicators } from "./threat-match/indicator.ts";
import type { ThreatMatchRule } from "./threat-match/options.ts";
import type { ThresholdRule } from "./threshold/rule-type.ts";

/** A rule that each type can evaluate, but for its query. */
const rule: NewTermsRule & ThresholdRule & EqlRule & ThreatMatchRule = {
  name: "door",
  id: "5d1c0f0a-51b3-4b53-a4f1-3d3f0f5c7e21",
  version: 1,
  title: "Door",
  description: "For tests.",
  type: "",
  query: "",
  new_terms: { fields: ["door"], window: 60_000 },
  threshold: { fields: ["door"], value: 1, cardinality: [], window: 60_000 },
  correlation: { window: 60_000, lateness: 0, category: "event.category" },
  threat_match: {
    index: ["*"],
    query: "*:*",
    mapping: [{ entries: [{ field: "door", value: "door", negate: false }] }],
    indicator_path: "threat.indicator",
  },
  timestamp: "event.ingested",
  severity: "low",
  risk_score: 1,
  ...plainRule,
};

/** Asks for events with a door, in each language. */
const queries: Readonly<Record<string, string>> = { kuery: "door:*", eql: "any where door != null" };

const ruleOf = (type: string): Rule => {
  const { name } = languageOf(ruleTypes.find((each) => each.name === type)!);
  return { ...rule, type, query: queries[name]! };
};

const indicators = [fixedIndicators([{ door: "north" }], { at: 0 })];

const alertsOf = (rule: Rule) => {
  const { event: step } = detect({ rules: [rule], indicators, state: memoryState(), hash });
  const doors = [{ door: "north" }, {}, { door: "north" }, { door: "south" }];
  return doors.map((data, index) => runStep(step, [{ data, meta: new RecordMeta("doors", "log", index, index) }]));
};

it("types and their parts have unique names", () => {
  const names = ruleTypes.map(({ name }) => name);
  const parts = ruleTypes.flatMap(({ options }) => Object.keys(options));
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(parts).size).toBe(parts.length);
  expect(
    parts.filter((part) => !["new_terms", "threshold", "correlation", "threat_match"].includes(part) && part in rule),
  ).toEqual([]);
});

describe.each(ruleTypes)("$name", (type) => {
  const ours = ruleOf(type.name);
  const all = alertsOf(ours);

  it("has its name and its query in its alerts", () => {
    const [alert] = all[0]!.events;
    expect(alert!.data).toMatchObject({
      "kibana.alert.rule.type": type.name,
      "kibana.alert.rule.parameters": { query: ours.query },
    });
  });

  it("consumes an event without an alert with a reason from its list", () => {
    const reasons = all.flatMap(({ consumed }) => Object.keys(consumed ?? {}));
    expect(reasons).toContain("filtered");
    expect(reasons.filter((reason) => reason !== "filtered" && !type.silences.includes(reason))).toEqual([]);
  });

  it("writes its alerts in the form of the tests of its rules", () => {
    const stated = all.map(({ events }) => events.map(({ data }) => type.testAlert.of(data)));
    const events = stated.map((alerts, at) => ({ at, event: {}, alerts }));
    expect(type.check?.({ ...ours, tests: [{ name: "doors", events }] })).toEqual([]);
  });
});

it("a query rule alerts on each matching event, a new-terms rule on each new value", () => {
  const counts = (type: string) => alertsOf(ruleOf(type)).map(({ events }) => events.length);
  expect(counts("query")).toEqual([1, 0, 1, 1]);
  expect(counts("new_terms")).toEqual([1, 0, 0, 1]);
});
