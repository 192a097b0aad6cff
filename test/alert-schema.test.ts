import { readdirSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detect } from "../src/detection/detect.ts";
import { type Rule, timedSteps } from "../src/detection/rule.ts";
import { fixedIndicators, type IndicatorSource } from "../src/detection/threat-match/indicator.ts";
import { RecordMeta } from "../src/event.ts";
import { fingerprint } from "../src/fingerprint.ts";
import type { Data } from "../src/json.ts";
import { loadRule } from "../src/rules/load.ts";
import { memoryState } from "../src/transform/memory-state.ts";
import { runStep } from "../src/transform/run-step.ts";

const schema = JSON.parse(readFileSync("schema/alert.json", "utf8"));
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(schema);
const problemsOf = (data: unknown): unknown => (validate(JSON.parse(JSON.stringify(data))) ? [] : validate.errors);

const rules = readdirSync("plugins/rules").map((file): Rule => {
  const loaded = loadRule(readFileSync(`plugins/rules/${file}`, "utf8"), { file, name: file.replace(/\.yaml$/, "") });
  if (!loaded.ok) throw new Error(`${file} does not load`);
  return loaded.value;
});

const deployment = { host: "node-1", version: "1.0.0" } as const;

/** The alerts about events, a second apart. */
const alertsOf = (rule: Rule, events: readonly Data[], indicators: readonly IndicatorSource[] = []) => {
  const { event } = detect({ rules: [rule], indicators, state: memoryState(), hash: fingerprint, deployment });
  const start = Date.UTC(2026, 0, 1);
  return events.flatMap((data, index) => {
    const meta = new RecordMeta("test", "events", index, start + 1_000 * index);
    return runStep(event, [{ data, meta }]).events.map((alert) => alert.data);
  });
};

describe("schema/alert.json", () => {
  it.each(rules)("describes the alerts of $name", (rule) => {
    const events = timedSteps(rule).flatMap(({ step: { event } }) => (event ? [event] : []));
    const alerts = alertsOf(rule, events);
    expect(alerts.length).toBeGreaterThan(0);
    for (const alert of alerts) expect(problemsOf(alert)).toEqual([]);
  });

  it("describes the alerts about any event, also about one that pretends to be an alert", () => {
    const key = fc.oneof(
      fc.constantFrom(...Object.keys(schema.properties), "kibana", "signal", "__proto__"),
      fc.string(),
    );
    const data = fc.array(fc.tuple(key, fc.jsonValue())).map((entries) => Object.fromEntries(entries));
    const name = "kubernetes_ephemeral_container";
    const written = readFileSync(`plugins/rules/${name}.yaml`, "utf8");
    const text = written.replace(/query: \|-\n(?: {2}.*\n)+/, 'query: "*:*"\n');
    const loaded = loadRule(text, { file: "any.yaml", name });
    if (!loaded.ok) throw new Error("the rule does not load");
    fc.assert(
      fc.property(data, (event) => {
        const [alert] = alertsOf(loaded.value, [event]);
        expect(problemsOf(alert)).toEqual([]);
      }),
    );
  });

  it("describes the alerts of a rule that compares events with indicators", () => {
    const text = readFileSync("examples/rules/known_bad_address.yaml", "utf8");
    const loaded = loadRule(text, { file: "known_bad_address.yaml", name: "known_bad_address" });
    if (!loaded.ok) throw new Error("the rule does not load");
    const indicators = [
      fixedIndicators([{ threat: { indicator: { ip: "192.0.2.7" } } }], { at: Date.UTC(2026, 0, 1) }),
    ];
    const event = { source: { ip: "192.0.2.7" } };
    const events = [event, { ...event, threat: "x" }, { ...event, threat: { enrichments: 1 } }];
    for (const data of events) {
      const [alert, ...others] = alertsOf(loaded.value, [data], indicators);
      expect(others).toEqual([]);
      expect(problemsOf(alert)).toEqual([]);
      expect(problemsOf({ ...alert, threat: { enrichments: [] } })).not.toEqual([]);
    }
  });

  it("does not describe an alert that lacks one of its required fields", () => {
    const rule = rules.find(({ name }) => name === "kubernetes_ephemeral_container")!;
    const [alert] = alertsOf(rule, [timedSteps(rule)[0]!.step.event!]);
    expect(problemsOf(alert)).toEqual([]);
    for (const name of schema.required) expect(problemsOf({ ...alert, [name]: undefined })).not.toEqual([]);
  });
});
