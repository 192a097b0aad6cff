import { describe, expect, it } from "vitest";
import { RecordMeta } from "../../event.ts";
import { fingerprint as hash } from "../../fingerprint.ts";
import { readRule } from "../../rules/read-rule.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import { detect } from "../detect.ts";
import type { Rule } from "../rule.ts";
import { plainRule } from "../testing/plain-rule.ts";
import { overridden } from "./overrides.ts";

const ruleOf = (name: string, id: string, tags: readonly string[]): Rule => ({
  name,
  id,
  version: 1,
  title: name,
  description: "For tests.",
  type: "query",
  query: "*:*",
  timestamp: "event.ingested",
  severity: "low",
  risk_score: 10,
  ...plainRule,
  tags,
});

const rules = [
  ruleOf("door_open", "5a0f3b1e-6a55-4d0c-8f0e-1c9a5f8f3d11", ["Doors"]),
  ruleOf("door_shut", "5a0f3b1e-6a55-4d0c-8f0e-1c9a5f8f3d12", ["Doors", "Night"]),
];

describe("overridden", () => {
  it("changes rules by name, id and tag; later ones win", () => {
    const changed = overridden(rules, {
      "door_*": { severity: "medium", risk_score: 50 },
      Night: { severity: "high", title: "Shut at night" },
      [rules[0]!.id]: { tags: ["Mine"] },
    });
    expect(changed).toEqual([
      { ...rules[0], severity: "medium", risk_score: 50, tags: ["Mine"] },
      { ...rules[1], severity: "high", risk_score: 50, title: "Shut at night" },
    ]);
    expect(rules[0]!.severity).toBe("low");
  });

  it("leaves out what is not enabled", () => {
    expect(overridden(rules, { Doors: { enabled: false }, door_open: { enabled: true } })).toEqual([rules[0]]);
  });

  it("refuses an override for no rule, at its place", () => {
    expect(() => overridden(rules, { door_opn: {} })).toThrow(
      expect.objectContaining({ path: ["overrides", "door_opn"], hint: 'Did you mean "door_open"?' }),
    );
    expect(() => overridden(rules, Object.fromEntries([["__proto__", {}]]))).toThrow("applies to no rule");
  });

  const profiles = {
    tuned: { changes: "For tests.", severity: "high", risk_score: 70, without: "user:robot" },
  } as const;

  it("takes a profile of the rule; an override counts more", () => {
    const rule = { ...rules[0]!, profiles };
    const { changes: _, ...changed } = profiles.tuned;
    expect(overridden([rule], { "*": { profile: "tuned", risk_score: 1 } })).toEqual([
      { ...rule, ...changed, risk_score: 1 },
    ]);
    expect(overridden([rule], { "*": { profile: "tuned" }, door_open: { profile: "literal" } })).toEqual([rule]);
    expect(() => overridden([rule], { "*": { profile: "tunt" } })).toThrow(
      expect.objectContaining({ path: ["overrides", "*", "profile"], hint: 'Did you mean "tuned"?' }),
    );
    expect(() => overridden([rule], { "*": { profile: "constructor" } })).toThrow("has no profile");
  });

  it("changes the lateness of rules whose type has one, also of Elastic's", () => {
    const text = [
      "[metadata]",
      "[rule]",
      'author = ["Test"]',
      'description = "Two steps."',
      'language = "eql"',
      'license = "x"',
      'name = "Two Steps"',
      "risk_score = 21",
      'rule_id = "5a0f3b1e-6a55-4d0c-8f0e-1c9a5f8f3d19"',
      'severity = "low"',
      'tags = ["Doors"]',
      'type = "eql"',
      "query = 'sequence by user.name [any where true] [any where true]'",
    ].join("\n");
    const { result } = readRule(text, { file: "two.toml", name: "two" });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const all = [...rules, result.value];
    const [, , changed] = overridden(all, { Doors: { lateness: 45_000 } });
    expect(changed).toMatchObject({ correlation: { lateness: 45_000, window: expect.any(Number) } });
    expect(() => overridden(all, { "door_*": { lateness: 1 } })).toThrow(
      expect.objectContaining({ path: ["overrides", "door_*", "lateness"] }),
    );
  });

  it("refuses a profile that leaves out what a test of the rule is about", () => {
    const events = (user: string) => [{ at: 0, event: { user }, alerts: [[]] }];
    const build = (user: string) =>
      detect({
        rules: [{ ...rules[0]!, profiles, tests: [{ name: "a visit", events: events(user) }] }],
        overrides: { door_open: { profile: "tuned" } },
        state: memoryState(),
        hash,
      });
    expect(
      runStep(build("ann").event, [{ data: { user: "robot" }, meta: new RecordMeta("a", "b", 0, 0) }]),
    ).toMatchObject({
      events: [],
      consumed: { excepted: 1 },
      notes: { "excepted by the profile": 1 },
    });
    expect(() => build("robot")).toThrow('silences the rule "door_open"');
  });

  it("shows in alerts, whose ids stay the same", () => {
    const event = { data: { a: 1 }, meta: new RecordMeta("doors", "log", 0, 0) };
    const alertsWith = (overrides: Parameters<typeof overridden>[1]) =>
      runStep(detect({ rules: [rules[0]!], overrides, state: memoryState(), hash }).event, [event]).events;
    const [before] = alertsWith({});
    const [after] = alertsWith({ door_open: { severity: "critical", risk_score: 99, title: "Mine", tags: ["t"] } });
    expect(after?.meta.id).toBe(before?.meta.id);
    expect(after?.data).toMatchObject({
      "kibana.alert.severity": "critical",
      "kibana.alert.risk_score": 99,
      "kibana.alert.rule.name": "Mine",
      "kibana.alert.rule.tags": ["t"],
    });
  });
});
