import { formatProblems } from "../config/format.ts";
import type { Rule } from "../detection/rule.ts";
import { didYouMean } from "../problem.ts";
import { ruleCard } from "../rules/card.ts";
import { RuleFiles } from "./rule-files.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints the rules that come with weir. */
export const listRules = ({ json = false }: { readonly json?: boolean }, terminal: Terminal): number => {
  const files = new RuleFiles(".");
  const rules: Rule[] = [];
  for (const name of files.names()) {
    const result = files.get(name);
    if (result?.ok) rules.push(result.value);
    else if (result) terminal.error(formatProblems(result.problems, (file) => files.textOf(file)));
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
      terminal.out(`${name.padEnd(width)}  ${severity.padEnd(8)}  ${title}\n`);
  }
  return rules.length === files.names().length ? exit.success : exit.config;
};

/** Prints one rule, by its name or the path of its file, as a card. */
export const showRule = (
  nameOrPath: string,
  { json = false }: { readonly json?: boolean },
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  const result = files.get(nameOrPath);
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
  else terminal.out(ruleCard(result.value, { color: terminal.color.out, width: terminal.width }));
  return exit.success;
};
