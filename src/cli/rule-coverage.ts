import { writeFileSync } from "node:fs";
import { formatProblems } from "../config/format.ts";
import { coverageOf } from "../rules/coverage.ts";
import { counted, printable } from "../text.ts";
import { RuleFiles } from "./rule-files.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Writes which techniques of MITRE ATT&CK rules look for, as a layer for the ATT&CK Navigator. Rules that do not run do not count. */
export const ruleCoverage = (
  paths: readonly string[],
  { output }: { readonly output?: string },
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  const named = paths.length > 0 ? paths : files.names();
  const missing = named.filter((path) => (files.read(path) ?? []).length === 0);
  for (const path of missing) terminal.error(`There is no rule file at "${printable(path)}".\n`);
  if (missing.length > 0) return exit.usage;
  const read = [...new Set(named.flatMap((path) => files.read(path)!))];
  const problems = read.flatMap(({ result, cannotRun }) =>
    result.ok || cannotRun !== undefined ? [] : result.problems,
  );
  if (problems.length > 0) {
    terminal.error(formatProblems(problems, (file) => files.textOf(file), { color: terminal.color.error }));
    return exit.config;
  }
  const rules = read.flatMap(({ result }) => (result.ok ? [result.value] : []));
  const idle = read.length - rules.length;
  if (idle > 0)
    terminal.error(`Without ${counted(idle, "rule")} that weir cannot run: \`weir rules check\` says why.\n`);
  const layer = coverageOf(rules);
  const text = `${JSON.stringify(layer, undefined, 2)}\n`;
  if (output === undefined) {
    terminal.out(text);
    return exit.success;
  }
  try {
    writeFileSync(output, text);
  } catch (error) {
    terminal.error(`The layer cannot be written to "${printable(output)}": ${(error as Error).message}.\n`);
    return exit.failed;
  }
  const ids = new Set(layer.techniques.map(({ techniqueID }) => techniqueID));
  terminal.out(
    `${printable(output)}: ${counted(rules.length, "rule")}, ${counted(ids.size, "technique")}. Open it in the ATT&CK Navigator.\n`,
  );
  return exit.success;
};
