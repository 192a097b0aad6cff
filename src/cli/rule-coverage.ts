import { writeFileSync } from "node:fs";
import { formatProblems } from "../config/format.ts";
import { coverageOf } from "../rules/coverage.ts";
import { counted, printable } from "../text.ts";
import { chosenRules, withoutIdle } from "./chosen-rules.ts";
import { tellMissing } from "./missing-rules.ts";
import { RuleFiles } from "./rule-files.ts";
import type { RuleFilterOptions } from "./rule-filter.ts";
import { exit, type Terminal } from "./terminal.ts";

/**
 * Writes which techniques of MITRE ATT&CK rules look for, as a layer for the ATT&CK Navigator. Rules that do not run, or
 * whose file has mistakes, do not count.
 */
export const ruleCoverage = (
  paths: readonly string[],
  { output, ...options }: RuleFilterOptions & { readonly output?: string },
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  const named = paths.length > 0 ? paths : files.names();
  if (tellMissing(named, files, terminal)) return exit.usage;
  const { rules, idle, problems } = chosenRules(files, named, options);
  if (problems.length > 0)
    terminal.error(formatProblems(problems, (file) => files.textOf(file), { color: terminal.color.error }));
  if (idle > 0) terminal.error(withoutIdle(idle));
  const done = problems.length > 0 ? exit.config : exit.success;
  const layer = coverageOf(rules);
  const text = `${JSON.stringify(layer, undefined, 2)}\n`;
  if (output === undefined) {
    terminal.out(text);
    return done;
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
  return done;
};
