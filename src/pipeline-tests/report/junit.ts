import { hasPassed, linesOf, type TestResult } from "./result.ts";

/** The results in the XML of JUnit, as CI servers read it: a suite for each file. */
export const junitReport = (results: readonly TestResult[]): string => {
  const suites = [...Map.groupBy(results, ({ file }) => file)].map(([file, tests]) => suiteOf(file, tests));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${countsOf(results)}>\n${suites.join("")}</testsuites>\n`;
};

const countsOf = (results: readonly TestResult[]): string => {
  const failures = results.filter((result) => !hasPassed(result)).length;
  return `tests="${results.length}" failures="${failures}" errors="0" time="${seconds(results)}"`;
};

const seconds = (results: readonly TestResult[]): string => results.reduce((sum, { took }) => sum + took, 0).toFixed(3);

const suiteOf = (file: string, results: readonly TestResult[]): string =>
  `  <testsuite name="${escaped(file)}" ${countsOf(results)}>\n${results.map(caseOf).join("")}  </testsuite>\n`;

const caseOf = (result: TestResult): string => {
  const { file, name, failures } = result;
  const open = `    <testcase classname="${escaped(file)}" name="${escaped(name)}" time="${seconds([result])}"`;
  if (hasPassed(result)) return `${open}/>\n`;
  const inner = failures.map(
    (failure) =>
      `      <failure message="${escaped(failure.message)}" type="expectation">${escaped(linesOf(file, failure).join("\n"))}</failure>\n`,
  );
  return `${open}>\n${inner.join("")}    </testcase>\n`;
};

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML has no way to write other control characters than tabs and line ends. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character]!);
