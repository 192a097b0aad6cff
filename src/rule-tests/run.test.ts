import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Rule, RuleTest, RuleTestStep } from "../detection/rule.ts";
import { defineRuleType, type RuleType } from "../detection/rule-type.ts";
import { ruleTypes } from "../detection/rule-types.ts";
import { option } from "../option/option.ts";
import { loadRule } from "../rules/load.ts";
import { TimedKeys } from "../timed-keys/timed-keys.ts";
import { runRuleTest } from "./run.ts";

/** Raises an alert for a user who does not come again within a minute. */
const absence: RuleType = defineRuleType({
  name: "absence",
  options: {},
  silences: ["waiting"],
  detector: (_rule, { state, timestamp }) => {
    const open = new TimedKeys(state);
    return {
      event: ({ data, meta: { ingested } }) => {
        const time = data[timestamp];
        open.delete(String(data["user"]));
        open.set(String(data["user"]), "", (time === undefined ? ingested : Date.parse(String(time))) + minute);
        return "waiting";
      },
      tick: ({ now, final, emit }) =>
        open.tick({ now, final }, (user, _text, isFull) => {
          if (!emit({ id: user, data: { user } })) isFull();
          return undefined;
        }),
    };
  },
  alertFields: () => ({}),
  testAlert: { option: option.text, of: ({ user }) => user },
});

const minute = 60_000;
const day = 86_400_000;

const ruleWith = (lines: string): Rule => {
  const text = `
id: 7a1f1f5e-3f0b-4a6e-9a55-0d6a3c7f5b10
title: Test
description: Test
${lines}
severity: low
risk_score: 1
created: "2026-01-01"
`;
  const loaded = loadRule(text, { file: "rule.yaml", name: "rule", types: [...ruleTypes, absence] });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value;
};

const newUser = ruleWith("type: new_terms\nquery: 'user:*'\nnew_terms: { fields: [user], window: 7d }");
const run = (rule: Rule, ...events: RuleTestStep[]) => runRuleTest(rule, { name: "test", events }, linesOf(events));
const linesOf = (events: RuleTest["events"]) => events.map((_, index) => 10 + index);
const marta = { user: "marta" };

describe("a test of a rule", () => {
  it("passes time, restarts and crashes", async () => {
    const failures = await run(
      newUser,
      { event: marta, alerts: [["marta"]] },
      "restart",
      { at: day, event: marta, alerts: [] },
      { advance: 7 * day },
      "crash",
      { event: marta, alerts: [] },
      { advance: 7 * day + 1, alerts: [] },
      { event: marta, alerts: [["marta"]] },
    );
    expect(failures).toEqual([]);
  });

  it("says which step is not as expected, and what came of the events", async () => {
    const [failure, ...others] = await run(
      newUser,
      { at: 0, event: marta, alerts: [["marta"]] },
      { at: 1, event: marta, alerts: [["marta"]] },
    );
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ line: 11, message: "step 2: the rule raised 0 alerts, expected 1" });
    expect(failure!.notes.join("\n")).toContain("known");
  });

  it("fails when alerts are left that no step expects", async () => {
    const failures = await run(newUser, { event: marta });
    expect(failures.map(({ message }) => message)).toEqual([
      "after the last step: the rule raised 1 alert, expected 0",
    ]);
  });

  it("hands an event that was not committed to the rule once more after a crash, and its alert comes once", async () => {
    expect(await run(newUser, { event: marta }, "crash", { alerts: [["marta"]] })).toEqual([]);
  });

  it("shows the alerts that ticks raise, on the clock and on the axis of a field", async () => {
    for (const timestamp of ["event.ingested", "@timestamp"]) {
      const rule = ruleWith(`type: absence\nquery: 'user:*'\ntimestamp: "${timestamp}"`);
      const failures = await run(
        rule,
        { at: 0, event: marta, alerts: [] },
        { at: 30_000, event: marta, alerts: [] },
        "crash",
        { at: 80_000, alerts: [] },
        { advance: 30_000, alerts: ["marta"] },
      );
      expect(failures).toEqual([]);
    }
  });

  it("leaves an event its own time, so that it can be late", async () => {
    const rule = ruleWith(
      'type: threshold\nquery: "user:*"\nthreshold: { fields: [user], value: 2, window: 1m }\ntimestamp: "@timestamp"',
    );
    const late = { ...marta, "@timestamp": "2026-01-01T00:00:10Z" };
    const failures = await run(rule, { at: 0, event: marta }, { at: 30_000, event: late, alerts: [["marta"]] });
    expect(failures).toEqual([]);
  });

  it("agrees with a plain loop, whatever restarts and crashes there are", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ user: fc.constantFrom("a", "b"), advance: fc.nat({ max: 5 }) }) },
      { weight: 1, arbitrary: fc.constantFrom("restart" as const, "crash" as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (written) => {
        const seen = new Map<string, number>();
        let now = 0;
        const events = written.map((one): RuleTestStep => {
          if (typeof one === "string") return one;
          now += one.advance * 2 * day;
          const last = seen.get(one.user);
          seen.set(one.user, now);
          const isNew = last === undefined || last < now - 7 * day;
          return { at: now, event: { user: one.user }, alerts: isNew ? [[one.user]] : [] };
        });
        expect(await run(newUser, ...events)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("a rule file", () => {
  const problemsOf = (events: string) => {
    const text = `
id: 7a1f1f5e-3f0b-4a6e-9a55-0d6a3c7f5b10
title: Test
description: Test
type: query
query: 'user:*'
severity: low
risk_score: 1
created: "2026-01-01"
tests: [{ name: one, events: ${events} }]
`;
    const loaded = loadRule(text, { file: "rule.yaml", name: "rule" });
    return loaded.ok ? [] : loaded.problems.map(({ message, hint }) => `${message} | ${hint ?? ""}`);
  };

  it.each([
    ["[{ at: 2m, event: {} }, { at: 1m, event: {} }]", "This is at 1m, but 2m have passed by then"],
    ["[{ advance: 2m }, { at: 1m, event: {} }]", "This is at 1m, but 2m have passed by then"],
    ["[{ at: 2m }]", "This step does nothing"],
    ["[restrat]", '"restrat"'],
    ["[{ advance: 2m, event: {} }]", '"advance"'],
    ["[{ advance: 0s }]", "above zero"],
    ["[{ evnet: {} }]", 'Did you mean "event"?'],
    ["[3]", "one of the words restart and crash"],
  ])("reports what is wrong with %s", (events, message) => {
    expect(problemsOf(events).join("\n")).toContain(message);
  });
});
