import { YamlFile } from "../config/yaml-file.ts";
import type { Rule } from "../detection/rule.ts";
import { stepLines } from "../rules/timeline.ts";

/** A test of a rule. */
export interface RuleTestToRun {
  readonly kind: "rule";
  readonly file: string;
  readonly name: string;
  readonly rule: Rule;
  readonly index: number;
  /** The line of each step of the test. */
  readonly lines: readonly number[];
}

/** The tests of a rule, whose file has this text. */
export const testsOfRule = (rule: Rule, file: string, text: string): readonly RuleTestToRun[] => {
  const lines = stepLines(new YamlFile(file, text), rule);
  return rule.tests.map(({ name }, index) => ({ kind: "rule", file, name, rule, index, lines: lines[index]! }));
};
