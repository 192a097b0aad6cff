import { didYouMean } from "../problem.ts";
import { printable } from "../text.ts";
import type { RuleFiles } from "./rule-files.ts";
import type { Terminal } from "./terminal.ts";

/** A line about a rule that does not exist: a name, or a path, a folder or a glob that stands for no rule file. */
export const noRule = (nameOrPath: string, files: RuleFiles): string =>
  /[/\\*?{[]|\.(?:yaml|yml|toml)$/.test(nameOrPath) || files.isFolder(nameOrPath)
    ? `There is no rule file at "${printable(nameOrPath)}".\n`
    : `There is no rule "${printable(nameOrPath)}". ${didYouMean(nameOrPath, files.names()) ?? "`weir rules list` lists them."}\n`;

/** Says which of these stand for no rule file; false if there are none of that kind. */
export const tellMissing = (names: readonly string[], files: RuleFiles, terminal: Terminal): boolean => {
  const missing = names.filter((name) => (files.read(name) ?? []).length === 0);
  for (const name of missing) terminal.error(noRule(name, files));
  return missing.length > 0;
};
