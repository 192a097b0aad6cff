import { formatProblems } from "../config/format.ts";
import { ruleCard } from "../rules/card.ts";
import { printable } from "../text.ts";
import { chosenRules, withoutIdle } from "./chosen-rules.ts";
import { noRule, tellMissing } from "./missing-rules.ts";
import { RuleFiles } from "./rule-files.ts";
import type { RuleFilterOptions } from "./rule-filter.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints the rules that come with weir, or those in files: paths, folders and globs. */
export const listRules = (
  paths: readonly string[],
  { json = false, ...options }: RuleFilterOptions & { readonly json?: boolean },
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  const names = paths.length > 0 ? paths : files.names();
  const isMissing = tellMissing(names, files, terminal);
  const { rules, idle, problems } = chosenRules(files, names, options);
  if (idle > 0) terminal.error(withoutIdle(idle));
  if (problems.length > 0)
    terminal.error(formatProblems(problems, (file) => files.textOf(file), { color: terminal.color.error }));
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
    const width = rules.reduce((most, { name }) => Math.max(most, name.length), 0);
    for (const { name, severity, title } of rules)
      terminal.out(`${printable(name.padEnd(width))}  ${severity.padEnd(8)}  ${printable(title)}\n`);
  }
  if (isMissing) return exit.usage;
  return problems.length > 0 ? exit.config : exit.success;
};

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
    terminal.error(noRule(nameOrPath, files));
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
