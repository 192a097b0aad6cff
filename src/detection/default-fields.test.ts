import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { fingerprint as hash } from "../fingerprint.ts";
import type { Data } from "../json.ts";
import { readRule } from "../rules/read-rule.ts";
import { memoryState } from "../transform/memory-state.ts";
import { runStep } from "../transform/run-step.ts";
import { detect } from "./detect.ts";
import { lackOf, needsOf } from "./needs.ts";
import type { Rule } from "./rule.ts";
import { openedRule } from "./testing/opened-rule.ts";

const hex = (number: number) => number.toString(16).padStart(12, "0");
const ruleOf = (query: string, number: number): Rule => ({
  ...openedRule,
  type: "query",
  query,
  name: `rule ${number}`,
  id: `7a1f1f5e-3f0b-4a6e-9a55-${hex(number)}`,
});

/** The names of the rules that raise an alert about each event. */
const raised = (rules: readonly Rule[], documents: readonly Data[], default_fields?: readonly string[]) => {
  const { event: step } = detect({ rules, default_fields, state: memoryState(), hash });
  return documents.map((data, position) =>
    runStep(step, [{ data, meta: new RecordMeta("log", "log", position, 0) }]).events.map(
      (alert) => alert.data["kibana.alert.rule.uuid"],
    ),
  );
};

const toml = (query: string) => `[metadata]
creation_date = "2026/01/01"
[rule]
name = "Free"
description = "For tests."
rule_id = "7a1f1f5e-3f0b-4a6e-9a55-0d6a3c7f5b11"
type = "query"
language = "kuery"
risk_score = 1
severity = "low"
query = '''${query}'''
`;

const yaml = (tests: string) => `id: 7a1f1f5e-3f0b-4a6e-9a55-0d6a3c7f5b10
title: Free
description: For tests.
type: query
query: 'not root and refused'
severity: low
risk_score: 1
created: "2026-01-01"
${tests}`;

const loaded = (text: string, file: string): Rule => {
  const { result } = readRule(text, { file, name: "free" });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
};

describe("free text in rules", () => {
  it("finds what the same query finds that names each default field, also among many rules", () => {
    const word = fc.constantFrom("refused", '"access denied"', "err*", "7", "true");
    const test = fc.oneof(
      { weight: 3, arbitrary: word.map((text) => ({ free: text, named: `(message:${text} or log.level:${text})` })) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom("ann", "bob")
          .map((name) => `user:${name}`)
          .map((text) => ({ free: text, named: text })),
      },
    );
    const query = fc
      .tuple(fc.array(test, { minLength: 1, maxLength: 3 }), fc.constantFrom(" and ", " or ", " and not "))
      .map(([tests, joined]) => ({
        free: tests.map(({ free }) => free).join(joined),
        named: tests.map(({ named }) => named).join(joined),
      }));
    const value = fc.constantFrom("connection refused", "denied access", "access denied", "error 7", "root", "true", [
      "a",
      "err",
    ]);
    const document = fc.record(
      { message: value, "log.level": value, user: fc.constantFrom("ann", "bob") },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(query, { minLength: 1, maxLength: 8 }),
        fc.array(document, { minLength: 1, maxLength: 6 }),
        (queries, documents) => {
          const free = queries.map((each, number) => ruleOf(each.free, number));
          const named = queries.map((each, number) => ruleOf(each.named, number));
          expect(raised(free, documents, ["message", "log.level"])).toEqual(raised(named, documents));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each(["refused", "a:1 or refused", "a:1 and not (b:2 or refused)"])("%s needs default fields", (query) => {
    for (const rule of [loaded(toml(query), "free.toml"), ruleOf(query, 1)]) {
      expect(needsOf(rule).map(({ what }) => what)).toEqual(["default_fields"]);
      expect(lackOf(rule, { indicators: [], default_fields: ["message"] })).toBeUndefined();
      expect(() => raised([rule], [])).toThrow(
        `the rule "${rule.name}" cannot run: its query has the text "refused" without a field`,
      );
    }
  });

  it.each(["*", "*:*", "a:1", "not a:(b or c)", "a:{ b:1 }"])("%s needs none", (query) => {
    expect(needsOf(ruleOf(query, 1))).toEqual([]);
    expect(needsOf(loaded(toml(query), "free.toml"))).toEqual([]);
  });

  it("is refused in nested objects, which have no default fields", () => {
    expect(() => loaded(toml("a:{ refused }"), "free.toml")).toThrow("names no field");
  });

  it("needs default fields in each test of the rule", () => {
    const events = "events: [{ event: { message: refused }, alerts: [[]] }]";
    expect(
      loaded(yaml(`tests: [{ name: one, default_fields: [message], ${events} }]`), "free.yaml").tests,
    ).toHaveLength(1);
    expect(() => loaded(yaml(`tests: [{ name: one, ${events} }]`), "free.yaml")).toThrow(
      'The test cannot run: its query has the text \\"root\\" without a field. Say which fields to search: default_fields: [message].',
    );
  });

  it("is searched in the default fields of the test when exceptions are checked against it", () => {
    const rule = loaded(
      yaml(
        "tests: [{ name: one, default_fields: [message], events: [{ event: { message: refused, user.name: ann }, alerts: [[]] }] }]",
      ),
      "free.yaml",
    );
    const exceptions = [
      {
        name: "ann",
        rules: ["free"],
        reason: "known",
        entries: [{ field: "user.name", operator: "included", type: "match", value: "ann" }],
      },
    ] as const;
    const build = () =>
      detect({
        rules: [rule],
        default_fields: ["log.original"],
        exceptions: exceptions as never,
        state: memoryState(),
        hash,
      });
    expect(build).toThrow('the exception "ann" silences the rule "free"');
  });
});
