import { RecordMeta } from "../../event.ts";
import { OptionError } from "../../option/option-error.ts";
import { memoryState } from "../../transform/memory-state.ts";
import { runStep } from "../../transform/run-step.ts";
import type { Keeper } from "../../transform/transform.ts";
import type { Rule, RuleTest } from "../rule.ts";
import type { ReadyException } from "./exceptions.ts";

/** Builds what runs one rule with some exceptions. The time axis is that of the host. */
type Build = (exceptions: readonly ReadyException[], state: ReturnType<typeof memoryState>, test: RuleTest) => Keeper;

/**
 * Throws an `OptionError` at the first exception with which a test of the rule no longer raises an alert that it expects.
 * Without exceptions it costs nothing. When an exception ends makes no difference.
 */
export const checkSilencedTests = (rule: Rule, exceptions: readonly ReadyException[], build: Build): void => {
  const lasting = exceptions.map((each) => ({
    ...each,
    exception: { ...each.exception, expires: Number.POSITIVE_INFINITY },
  }));
  for (const test of exceptions.length > 0 ? rule.tests : []) {
    const before = alertsIn(test, build([], memoryState(), test));
    for (const [index, { exception, path }] of lasting.entries()) {
      const after = alertsIn(test, build(lasting.slice(0, index + 1), memoryState(), test));
      const step = before.findIndex((alerts, at) => after[at]! < alerts);
      if (step < 0) continue;
      throw new OptionError(
        `the exception "${exception.name}" silences the rule "${rule.name}": in its test "${test.name}", step ${step + 1} no longer raises an alert`,
        path,
        { hint: "Make the exception narrower: it must not fit what the rule is there to find." },
      );
    }
  }
};

/** How many alerts each step of a test raises at once. */
const alertsIn = ({ name, events }: RuleTest, { event: step }: Keeper): readonly number[] => {
  let now = start;
  return events.map((each, index) => {
    if (typeof each === "string") return 0;
    const { at, advance = 0, event: data } = each;
    now = (at === undefined ? now : start + at) + advance;
    if (!data) return 0;
    const event = { data, meta: new RecordMeta("test", name, index, now) };
    return runStep(step, [event]).events.length;
  });
};

/** When a test begins. */
const start = Date.UTC(2026, 0, 1);
