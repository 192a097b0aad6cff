import { writeFileSync } from "node:fs";
import { formatProblems } from "../config/format.ts";
import { compileGlob } from "../glob.ts";
import type { PipelineTest } from "../pipeline-tests/format/test.ts";
import { junitReport } from "../pipeline-tests/report/junit.ts";
import { prettyResult } from "../pipeline-tests/report/pretty.ts";
import { hasPassed, summaryOf, type TestResult } from "../pipeline-tests/report/result.ts";
import { tapReport } from "../pipeline-tests/report/tap.ts";
import { type Failure, runPipelineTest } from "../pipeline-tests/run/trial.ts";
import { runRuleTest } from "../rule-tests/run.ts";
import { exitingOnSignals } from "./exit-on-signals.ts";
import { trusted } from "./named-plugins.ts";
import { exit, type Terminal } from "./terminal.ts";
import { type LoadedTest, type LoadedTests, loadTests } from "./test-files.ts";

export interface TestOptions {
  /** Only tests whose name matches. */
  readonly name?: string;
  readonly format: "pretty" | "junit" | "tap";
  /** A file for the report. */
  readonly output?: string;
}

/** Runs the tests of pipelines and rules in files. Nothing runs if one of the files has errors. */
export const test = async (files: readonly string[], options: TestOptions, terminal: Terminal): Promise<number> =>
  runTests(await loadTests(files), options, terminal);

/** Runs tests, and reports them. Nothing runs if there are problems that are errors. */
export const runTests = async (
  loaded: LoadedTests,
  { name, format, output }: TestOptions,
  terminal: Terminal,
): Promise<number> => {
  if (loaded.problems.length > 0) {
    terminal.error(formatProblems(loaded.problems, (file) => loaded.textOf(file), { color: terminal.color.error }));
    if (loaded.problems.some(({ severity }) => severity === "error")) return exit.config;
  }
  for (const file of loaded.empty) terminal.error(`${file} has no tests.\n`);
  const isWanted = name === undefined ? () => true : compileGlob(name.split("*"));
  const wanted = loaded.tests.filter((one) => isWanted(one.name));
  if (wanted.length === 0 && loaded.tests.length > 0) terminal.error(`No test has a name like "${name}".\n`);
  const isPretty = format === "pretty" || output !== undefined;
  const results: TestResult[] = [];
  await exitingOnSignals(async () => {
    for (const one of wanted) {
      const since = performance.now();
      const failures = await failuresOf(one);
      const result = { file: one.file, name: one.name, failures, took: (performance.now() - since) / 1000 };
      results.push(result);
      if (isPretty) terminal.out(prettyResult(result, terminal.color.out));
    }
  });
  if (isPretty) terminal.out(`${summaryOf(results)}\n`);
  const report = reports[format](results);
  if (output !== undefined && !written(output, report, terminal)) return exit.failed;
  if (!isPretty) terminal.out(report);
  return results.length > 0 && results.every(hasPassed) ? exit.success : exit.failed;
};

const reports = {
  pretty: (results: readonly TestResult[]) =>
    `${results.map((result) => prettyResult(result, false)).join("")}${summaryOf(results)}\n`,
  junit: junitReport,
  tap: tapReport,
};

const written = (file: string, report: string, terminal: Terminal): boolean => {
  try {
    writeFileSync(file, report);
    return true;
  } catch (error) {
    terminal.error(`The report cannot be written to "${file}": ${(error as Error).message}.\n`);
    return false;
  }
};

/** A test that could not be run to its end. */
const broken = ({ line }: PipelineTest, { message }: Error): Failure => ({ line, message, diff: [], notes: [] });

const failuresOf = async (one: LoadedTest): Promise<readonly Failure[]> => {
  if (one.kind === "pipeline")
    return runPipelineTest(one.topology, one.test, trusted).catch((error) => [broken(one.test, error)]);
  const { rule, index, lines } = one;
  return runRuleTest(rule, rule.tests[index]!, lines);
};
