import type { Failure } from "../run/trial.ts";

/** The result of one test. */
export interface TestResult {
  /** The file that the test is in. */
  readonly file: string;
  readonly name: string;
  readonly failures: readonly Failure[];
  /** In seconds. */
  readonly took: number;
}

export const hasPassed = ({ failures }: TestResult): boolean => failures.length === 0;

/** `3 tests: 2 passed, 1 failed`. */
export const summaryOf = (results: readonly TestResult[]): string => {
  const passed = results.filter(hasPassed).length;
  const failed = results.length - passed;
  return `${results.length} ${results.length === 1 ? "test" : "tests"}: ${passed} passed, ${failed} failed`;
};

/** A failure as lines of text: what was found and where, the comparison, and what else is known. */
export const linesOf = (file: string, { message, line, diff, notes }: Failure): string[] => [
  `${file}:${line}: ${message}`,
  ...diff.map(({ sign, text }) => `${sign} ${text}`),
  ...notes,
];
