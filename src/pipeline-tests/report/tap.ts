import { stringify } from "yaml";
import { hasPassed, linesOf, type TestResult } from "./result.ts";

/** The results in the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification.html). */
export const tapReport = (results: readonly TestResult[]): string =>
  ["TAP version 14", `1..${results.length}`, ...results.flatMap(entryOf)].map((line) => `${line}\n`).join("");

const entryOf = (result: TestResult, index: number): string[] => {
  const { file, name, failures } = result;
  const line = `${hasPassed(result) ? "ok" : "not ok"} ${index + 1} - ${escaped(`${file}: ${name}`)}`;
  if (hasPassed(result)) return [line];
  const details = {
    message: failures.map(({ message }) => message).join("; "),
    at: { file, line: failures[0]?.line },
    details: failures.flatMap((failure) => linesOf(file, failure)).join("\n"),
  };
  const block = stringify(details, { lineWidth: 0 }).trimEnd().split("\n");
  return [line, "  ---", ...block.map((text) => `  ${text}`), "  ..."];
};

/** A `#` would begin a directive. */
const escaped = (text: string): string => text.replace(/\s+/g, " ").replaceAll("\\", "\\\\").replaceAll("#", "\\#");
