import { formatProblems } from "../config/format.ts";
import type { Rule } from "../detection/rule.ts";
import { didYouMean } from "../problem.ts";
import { ruleCard } from "../rules/card.ts";
import { printable } from "../text.ts";
import { RuleFiles } from "./rule-files.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints the rules that come with weir, or those in files: paths, folders and globs. */
export const listRules = (
  paths: readonly string[],
  { json = false }: { readonly json?: boolean },
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  const names = paths.length > 0 ? paths : files.names();
  const missing = names.filter((name) => !files.read(name));
  for (const name of missing) terminal.error(noSuch(name));
  const read = names.flatMap((name) => files.read(name) ?? []);
  const rules: Rule[] = [];
  for (const { result, cannotRun, file } of read) {
    if (result.ok) rules.push(result.value);
    else if (cannotRun !== undefined) terminal.error(`${printable(file)}: not listed, ${cannotRun}.\n`);
    else terminal.error(formatProblems(result.problems, (file) => files.textOf(file), { color: terminal.color.error }));
  }
  if (json) {
    const entries = rules.map(({ name, title, type, severity, risk_score }) => ({
      name,
      title,
      type,
      severity,
      risk_score,
    }));
    terminal.out(`${JSON.stringify(entries, undefined, 2)}\n`);
  } else {
    const width = Math.max(0, ...rules.map(({ name }) => name.length));
    for (const { name, severity, title } of rules)
      terminal.out(`${printable(name.padEnd(width))}  ${severity.padEnd(8)}  ${printable(title)}\n`);
  }
  if (missing.length > 0) return exit.usage;
  return rules.length === read.length ? exit.success : exit.config;
};

const noSuch = (path: string): string => `There is no rule file at "${printable(path)}".\n`;

/** Prints one rule, by its name or the path of its file, as a card. */
export const showRule = (
  nameOrPath: string,
  { json = false }: { readonly json?: boolean },
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  const [{ result, notHonoured } = { result: undefined, notHonoured: [] }, ...others] = files.read(nameOrPath) ?? [];
  if (others.length > 0) {
    terminal.error(`"${printable(nameOrPath)}" stands for several rules. \`weir rules list\` lists them.\n`);
    return exit.usage;
  }
  if (!result) {
    const hint = didYouMean(nameOrPath, files.names()) ?? "`weir rules list` lists them.";
    terminal.error(`There is no rule "${nameOrPath}". ${hint}\n`);
    return exit.usage;
  }
  if (!result.ok) {
    terminal.error(formatProblems(result.problems, (file) => files.textOf(file), { color: terminal.color.error }));
    return exit.config;
  }
  if (json) terminal.out(`${JSON.stringify(result.value, undefined, 2)}\n`);
  else {
    const fields = notHonoured.map(({ problem: { message, line } }) => `Line ${line}: ${message}`);
    terminal.out(ruleCard(result.value, { color: terminal.color.out, width: terminal.width, notHonoured: fields }));
  }
  return exit.success;
};
