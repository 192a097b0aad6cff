import type { YamlFile } from "../config/yaml-file.ts";
import type { Contradiction } from "../detection/contradiction.ts";
import type { Rule, RuleTest } from "../detection/rule.ts";
import { durationText } from "../option/quantity.ts";

/** Finds steps of a rule's tests that say nothing, and steps at a time that has passed. */
export const timelineProblems = ({ tests }: Pick<Rule, "tests">): readonly Contradiction[] =>
  tests.flatMap((test, index) => problemsOf(test, ["tests", index, "events"]));

const problemsOf = ({ events }: RuleTest, path: readonly (string | number)[]): readonly Contradiction[] => {
  let now = 0;
  return events.flatMap((step, index): readonly Contradiction[] => {
    if (typeof step === "string") return [];
    const { at = now, advance = 0, event, alerts } = step;
    const before = now;
    now = Math.max(now, at) + advance;
    if (at < before) {
      const message = `This is at ${durationText(at)}, but ${durationText(before)} have passed by then: steps are in order of time.`;
      return [{ path: [...path, index, "at"], message }];
    }
    if (event || alerts || advance > 0) return [];
    return [
      { path: [...path, index], message: 'This step does nothing: it has no "event", no "advance" and no "alerts".' },
    ];
  });
};

/** The line of each step of each test of a rule, in the file of the rule. */
export const stepLines = (file: YamlFile, { tests }: Pick<Rule, "tests">): readonly (readonly number[])[] =>
  tests.map(({ events }, test) => events.map((_, index) => file.placeOfKey(["tests", test, "events", index]).line));
