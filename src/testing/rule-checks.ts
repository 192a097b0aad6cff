import { fail } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatProblems } from "../config/format.ts";
import { YamlFile } from "../config/yaml-file.ts";
import type { RuleType } from "../detection/rule-type.ts";
import { ruleTypes } from "../detection/rule-types.ts";
import { linesOf } from "../pipeline-tests/report/result.ts";
import { runRuleTest } from "../rule-tests/run.ts";
import { loadRule } from "../rules/load.ts";
import { stepLines } from "../rules/timeline.ts";
import type { Check } from "./check.ts";

/** The tests in the rule files of a folder, by rule. */
export const ruleChecks = (
  folder: URL,
  types: readonly RuleType[],
): readonly { readonly name: string; readonly checks: readonly Check[] }[] => {
  const files = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith(".yaml"));
  return files.sort().map((file) => ({ name: file.replace(/\.yaml$/, ""), checks: checksOf(file, folder, types) }));
};

const checksOf = (file: string, folder: URL, types: readonly RuleType[]): readonly Check[] => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const loaded = loadRule(text, { file, name: file.replace(/\.yaml$/, ""), types: [...ruleTypes, ...types] });
  const isSound: Check = {
    name: "has no errors, and has tests",
    run: async () => {
      if (!loaded.ok) fail(formatProblems(loaded.problems, () => text));
      if (loaded.value.tests.length === 0)
        fail(`"${file}" has no tests: add events, and the alerts that they must raise`);
    },
  };
  if (!loaded.ok) return [isSound];
  const rule = loaded.value;
  const lines = stepLines(new YamlFile(file, text), rule);
  const tests = rule.tests.map((test, index) => ({
    name: test.name,
    run: async () => {
      const failures = await runRuleTest(rule, test, lines[index]);
      if (failures.length > 0) fail(failures.flatMap((failure) => linesOf(file, failure)).join("\n"));
    },
  }));
  return [isSound, ...tests];
};
