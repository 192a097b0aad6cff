import { formatProblems } from "../config/format.ts";
import { needsOf } from "../detection/needs.ts";
import { languageOf, ruleTypes } from "../detection/rule-types.ts";
import { whyLeftOut } from "../rules/filter.ts";
import { whyNot } from "../rules/read-rule.ts";
import type { ReadRule } from "../rules/rule-file.ts";
import { counted, printable } from "../text.ts";
import { tellMissing } from "./missing-rules.ts";
import { RuleFiles } from "./rule-files.ts";
import { filterOf, type RuleFilterOptions } from "./rule-filter.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface CheckOptions extends RuleFilterOptions {
  readonly json?: boolean;
}

/** A rule, and what is to be said about it. */
interface Checked {
  readonly read: ReadRule;
  readonly leftOut: string | undefined;
  readonly why: string | undefined;
  /** What a pipeline must give, so that the rule runs. */
  readonly needs: string | undefined;
}

/** Says of each rule whether it runs, and why not. It succeeds if every rule runs or is left out by the options. */
export const checkRules = (
  paths: readonly string[],
  { json = false, ...options }: CheckOptions,
  terminal: Terminal,
): number => {
  const files = new RuleFiles(".");
  if (tellMissing(paths, files, terminal)) return exit.usage;
  const filter = filterOf(options);
  const all = files.readAll(paths);
  const chosen = new Map(files.chosen(all, filter).map((read) => [read.file, read]));
  const checked = all.map((read): Checked => {
    const leftOut = whyLeftOut(read.about, filter);
    if (leftOut !== undefined) return { read, leftOut, why: `it is left out: ${leftOut}`, needs: undefined };
    const one = chosen.get(read.file) ?? read;
    const why = whyNot(one);
    return { read: one, leftOut, why, needs: why === undefined ? neededBy(one) : undefined };
  });
  if (json) terminal.out(`${JSON.stringify({ rules: checked.map(asJson) }, undefined, 2)}\n`);
  else {
    const [names, types] = [checked.map(({ read }) => read.file), checked.map(({ read }) => read.about.type ?? "")];
    const widths = { file: longest(names, 0), type: longest(types, 12) };
    for (const each of checked) terminal.out(line(each, widths));
    terminal.out(summary(checked));
    const problems = checked.flatMap(({ read: { result }, leftOut }) =>
      leftOut !== undefined ? [] : result.ok ? result.warnings : result.problems,
    );
    if (problems.length > 0)
      terminal.error(`\n${formatProblems(problems, (file) => files.textOf(file), { color: terminal.color.error })}`);
  }
  return checked.every(({ why, leftOut }) => why === undefined || leftOut !== undefined) ? exit.success : exit.config;
};

const neededBy = ({ result }: ReadRule): string | undefined => {
  const needs = result.ok ? needsOf(result.value) : [];
  return needs.length > 0 ? needs.map(({ what }) => what).join(" and ") : undefined;
};

const asJson = ({ read: { file, about, result, notHonoured }, leftOut, why, needs }: Checked) => ({
  file,
  name: about.title ?? about.name,
  type: about.type ?? null,
  language: about.language ?? null,
  runs: why === undefined,
  ...(needs !== undefined && { needs }),
  ...(why !== undefined && { why }),
  ...(leftOut !== undefined && { left_out: true }),
  ...(!result.ok && leftOut === undefined && { problems: result.problems }),
  ...(result.ok &&
    result.warnings.length > 0 && {
      warnings: result.warnings.map(({ code, message, hint, line, column }) => ({
        code,
        why: message,
        hint,
        line,
        column,
      })),
    }),
  not_honoured: notHonoured.map(({ field, matters, problem: { message, line, column } }) => ({
    field,
    matters,
    why: message,
    line,
    column,
  })),
});

/** The file, the type, the language, and whether the rule runs: `runs; without max_signals`. */
const line = ({ read, leftOut, why, needs }: Checked, widths: Readonly<Record<"file" | "type", number>>): string => {
  const { file, about, notHonoured } = read;
  const without = notHonoured.filter(({ matters }) => matters).map(({ field }) => field);
  const warnings = read.result.ok ? read.result.warnings.length : 0;
  const warned = warnings > 0 ? `; ${counted(warnings, "warning")}` : "";
  const fields = `${without.length > 0 ? `; without ${without.join(", ")}` : ""}${warned}`;
  const given = needs === undefined ? "" : `, once the pipeline gives ${needs}`;
  const verdict = why === undefined ? `runs${given}${fields}` : leftOut === undefined ? `does not run: ${why}` : why;
  const columns = [
    file.padEnd(widths.file),
    (about.type ?? "-").padEnd(widths.type),
    languageText(about.language).padEnd(6),
    verdict,
  ];
  return `${printable(columns.join("  "))}\n`;
};

const longest = (texts: readonly string[], least: number): number =>
  texts.reduce((most, { length }) => Math.max(most, length), least);

/** The name of a language for people. Rule files call KQL `kuery`. */
const languageText = (name = "-"): string =>
  ruleTypes.map(languageOf).find((language) => language.name === name)?.title ?? name;

const summary = (checked: readonly Checked[]): string => {
  const running = checked.filter(({ why }) => why === undefined);
  const leftOut = checked.filter((each) => each.leftOut !== undefined).length;
  const idle = checked.length - running.length - leftOut;
  const counts = new Map<string, number>();
  for (const { read } of running)
    for (const { field } of read.notHonoured) counts.set(field, (counts.get(field) ?? 0) + 1);
  const parts = [
    `${counted(checked.length, "rule")}: ${running.length} ${running.length === 1 ? "runs" : "run"}`,
    `${idle} ${idle === 1 ? "does" : "do"} not`,
    ...(leftOut > 0 ? [`${leftOut} left out`] : []),
  ];
  const fields = [...counts].sort(([, a], [, b]) => b - a).map(([field, count]) => `${field} (${count})`);
  const honoured = fields.length > 0 ? `Not honoured in those that run: ${printable(fields.join(", "))}.\n` : "";
  return `${parts.join(", ")}.\n${honoured}`;
};
