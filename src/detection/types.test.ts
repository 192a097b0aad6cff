import { describe, expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import type { FieldType } from "../fields/types.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import type { Data } from "../json.ts";
import { memoryState } from "../transform/memory-state.ts";
import { runStep } from "../transform/run-step.ts";
import { detect } from "./detect.ts";
import type { Rule } from "./rule.ts";
import { plainRule } from "./testing/plain-rule.ts";

const rule = (type: string, query: string, part: object = {}): Rule => ({
  name: "doors",
  id: "b4c1f1de-98e2-4b8d-9a8b-3b0b8e0a7c55",
  version: 1,
  title: "Doors",
  description: "For tests.",
  type,
  query,
  timestamp: "event.ingested",
  severity: "low",
  risk_score: 10,
  ...plainRule,
  ...part,
});

const detector = (of: Rule, fields?: Readonly<Record<string, FieldType>>) =>
  detect({ rules: [of], state: memoryState(), hash, fields }).event;

/** How many alerts there are about each event. */
const alertsAbout = (of: Rule, events: readonly Data[], fields?: Readonly<Record<string, FieldType>>) => {
  const step = detector(of, fields);
  return events.map(
    (data, index) => runStep(step, [{ data, meta: new RecordMeta("doors", "log", index, index + 1) }]).events.length,
  );
};

const forms = [{ door: "::ffff:10.0.0.1" }, { door: "10.0.0.1" }, { door: "none" }];

describe("the types of fields that a pipeline gives", () => {
  it("hold for new terms", () => {
    const doors = rule("new_terms", "*:*", { new_terms: { fields: ["door"], window: 1_000 } });
    expect(alertsAbout(doors, forms)).toEqual([1, 1, 1]);
    expect(alertsAbout(doors, forms, { door: "ip" })).toEqual([1, 0, 0]);
    expect(alertsAbout(doors, [{ door: "x".repeat(1_025) }], { door: "keyword" })).toEqual([0]);
  });

  it("hold for the groups of a threshold, and for what must differ in them", () => {
    const threshold = { fields: ["door"], value: 2, cardinality: [], window: 1_000 };
    expect(alertsAbout(rule("threshold", "*:*", { threshold }), forms)).toEqual([0, 0, 0]);
    expect(alertsAbout(rule("threshold", "*:*", { threshold }), forms, { door: "ip" })).toEqual([0, 1, 0]);
    const differing = { ...threshold, fields: [], cardinality: [{ field: "door", value: 2 }] };
    expect(alertsAbout(rule("threshold", "*:*", { threshold: differing }), forms)).toEqual([0, 1, 0]);
    expect(alertsAbout(rule("threshold", "*:*", { threshold: differing }), forms, { door: "ip" })).toEqual([0, 0, 0]);
  });

  it("are those of ECS for other fields", () => {
    const threshold = { fields: ["source.ip"], value: 2, cardinality: [], window: 1_000 };
    const sources = forms.map(({ door }) => ({ source: { ip: door } }));
    expect(alertsAbout(rule("threshold", "*:*", { threshold }), sources)).toEqual([0, 1, 0]);
  });

  it("hold for exceptions", () => {
    const exceptions = [
      { name: "one", entries: [{ field: "door", type: "match", operator: "included", value: "10.0.0.1" }] },
      { name: "two", entries: [{ field: "door", type: "wildcard", operator: "included", value: "10.0.0.*" }] },
    ] as const;
    for (const exception of exceptions) {
      const given = { ...exception, rules: ["doors"], reason: "For tests." } as never;
      const alertsWith = (fields?: Readonly<Record<string, FieldType>>) => {
        const { event } = detect({
          rules: [rule("query", "*:*")],
          state: memoryState(),
          hash,
          fields,
          exceptions: [given],
        });
        return forms.map(
          (data) => runStep(event, [{ data, meta: new RecordMeta("doors", "log", 0, 1) }]).events.length,
        );
      };
      expect(alertsWith()).toEqual([1, 0, 1]);
      expect(alertsWith({ door: "ip" })).toEqual([0, 0, 1]);
    }
  });

  it("hold for EQL: for values, and for the keys of sequences", () => {
    const correlation = { window: 1_000, lateness: 0, category: "event.category" };
    const one = rule("eql", 'any where door == "10.0.0.1"', { correlation });
    expect(alertsAbout(one, forms)).toEqual([0, 1, 0]);
    expect(alertsAbout(one, forms, { door: "ip" })).toEqual([1, 1, 0]);
    const two = rule("eql", "sequence by door [any where true] [any where true]", { correlation });
    expect(alertsAbout(two, forms)).toEqual([0, 0, 0]);
    expect(alertsAbout(two, forms, { door: "ip" })).toEqual([0, 3, 0]);
    expect(() => detector(one, { door: "text" })).toThrow(
      'the query of the rule "doors" does not work: The field "door"',
    );
    const category = rule("eql", "door where true", { correlation: { ...correlation, category: "kind" } });
    expect(alertsAbout(category, [{ kind: "door" }], { kind: "keyword" })).toEqual([1]);
  });
});
