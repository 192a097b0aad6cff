import { detect } from "../detection/detect.ts";
import { ingestionAxis } from "../detection/event-time.ts";
import type { Hash } from "../detection/hash.ts";
import type { Rule, RuleTest } from "../detection/rule.ts";
import { typeOfRule } from "../detection/rule-types.ts";
import { RecordMeta } from "../event.ts";
import { memoryState } from "../transform/memory-state.ts";
import { runStep } from "../transform/run-step.ts";

/** An event of a rule's test, with the expected and the actual alerts in order, in the form that the rule's type defines. */
export interface TestedEvent {
  /** Index of the event in its test. */
  readonly step: number;
  readonly expected: readonly unknown[];
  readonly alerts: readonly unknown[];
}

/** Runs one timeline through the rule, with an empty history. `at` is the time on the rule's axis. */
export const runRuleTest = (rule: Rule, test: RuleTest, hash: Hash): readonly TestedEvent[] => {
  const { testAlert } = typeOfRule(rule);
  const { event: step } = detect({ rules: [rule], timestamp: ingestionAxis, state: memoryState(), hash });
  return test.events.map(({ at, event: data, alerts: expected }, index) => {
    const event = { data, meta: new RecordMeta("test", test.name, index, start + at) };
    const { events } = runStep(step, [event]);
    const alerts = events.map(({ data }) => testAlert.of(data)).filter((alert) => alert !== undefined);
    return { step: index, expected, alerts };
  });
};

/** An arbitrary time. */
const start = Date.UTC(2026, 0, 1);
