import { tellMissing } from "./missing-rules.ts";
import { RuleFiles } from "./rule-files.ts";
import { testsOfRule } from "./rule-tests.ts";
import { exit, type Terminal } from "./terminal.ts";
import { runTests, type TestOptions } from "./test.ts";
import type { LoadedTests } from "./test-files.ts";

/** Runs the tests of rules: by name, or in files, folders and globs; of all that come with weir if none is named. */
export const testRules = async (
  paths: readonly string[],
  options: TestOptions,
  terminal: Terminal,
): Promise<number> => {
  const files = new RuleFiles(".");
  const named = paths.length > 0 ? paths : files.names();
  if (tellMissing(named, files, terminal)) return exit.usage;
  return runTests(loaded(named, files), options, terminal);
};

const loaded = (paths: readonly string[], files: RuleFiles): LoadedTests => {
  const read = [...new Set(paths.flatMap((path) => files.read(path)!))];
  const rules = read.flatMap(({ file, result }) => (result.ok ? [{ file, rule: result.value }] : []));
  return {
    tests: rules.flatMap(({ file, rule }) => testsOfRule(rule, file, files.textOf(file) ?? "")),
    // What weir cannot run has no tests either.
    problems: read.flatMap(({ result, cannotRun }) => (result.ok || cannotRun !== undefined ? [] : result.problems)),
    empty: rules.filter(({ rule }) => rule.tests.length === 0).map(({ file }) => file),
    textOf: (file) => files.textOf(file),
  };
};
