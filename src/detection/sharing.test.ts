import { expect, it } from "vitest";
import { fingerprint as hash } from "../fingerprint.ts";
import { memoryState } from "../transform/memory-state.ts";
import { detect } from "./detect.ts";
import type { Rule } from "./rule.ts";
import type { SharedHistory } from "./shared-history.ts";
import { plainRule } from "./testing/plain-rule.ts";

const base = {
  name: "door",
  id: "9d0a4b1e-53d5-4c8a-a6f0-0c1a8f1f0e01",
  version: 1,
  title: "A Door",
  description: "For tests.",
  timestamp: "event.ingested",
  severity: "low",
  risk_score: 10,
  ...plainRule,
} as const;
const plain: Rule = { ...base, type: "query", query: "door:*" };
const news = { ...base, type: "new_terms", query: "door:*", new_terms: { fields: ["door"], window: 1000 } };

const unused: SharedHistory = { observe: () => Promise.reject(new Error("nothing is asked in this test")) };
const build = (rule: object, more: object = {}) =>
  detect({ rules: [rule as Rule], state: memoryState(), hash, shared: unused, ...more });

it("runs rules that remember nothing, and those of new terms", () => {
  for (const rule of [plain, news, { ...plain, type: "eql", query: "any where true", correlation: {} }])
    expect(() => build(rule)).not.toThrow();
  expect(build(news).ahead).toBeTypeOf("function");
  expect(detect({ rules: [news as Rule], state: memoryState(), hash }).ahead).toBeUndefined();
});

const sequence = { query: "sequence [any where true] [any where true]", correlation: { window: 1000, lateness: 0 } };
it.each([
  [
    { ...base, type: "threshold", query: "door:*", threshold: { fields: [], value: 2, window: 1 } },
    "the events that it counts",
  ],
  [{ ...base, type: "eql", ...sequence }, "the events of a sequence"],
  [{ ...news, suppression: { duration: 1000, group_by: ["door"] } }, "the alerts that its suppression has seen"],
  [{ ...news, max_alerts: { count: 1, every: 1000 } }, "the alerts that its max_alerts has counted"],
])("refuses a rule that remembers something for itself, and says what: %#", (rule, what) => {
  expect(() => build(rule)).toThrow(
    `the rule "door" cannot run with a state that several weirs share: ${what} would be those of one weir only`,
  );
});

it.each([{ learn_for: 1000 }, { baseline: { from: ["*.log"] } }])("refuses to learn: %j", (learning) => {
  expect(() => build(news, learning)).toThrow("does not work with a state that several weirs share");
});
