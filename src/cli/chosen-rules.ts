import type { Rule } from "../detection/rule.ts";
import type { Problem } from "../problem.ts";
import { counted } from "../text.ts";
import type { RuleFiles } from "./rule-files.ts";
import { filterOf, type RuleFilterOptions } from "./rule-filter.ts";

/** The rules that a command is about. */
interface Chosen {
  readonly rules: readonly Rule[];
  /** How many others weir cannot run, although nothing is wrong with their files. */
  readonly idle: number;
  /** What is wrong with the files of others. */
  readonly problems: readonly Problem[];
}

/** The rules that names, paths, folders and globs stand for, and the options choose. */
export const chosenRules = (files: RuleFiles, names: readonly string[], options: RuleFilterOptions): Chosen => {
  const read = files.chosen(files.readAll(names), filterOf(options));
  return {
    rules: read.flatMap(({ result }) => (result.ok ? [result.value] : [])),
    idle: read.filter(({ cannotRun }) => cannotRun !== undefined).length,
    problems: read.flatMap(({ result, cannotRun }) => (result.ok || cannotRun !== undefined ? [] : result.problems)),
  };
};

/** A line about rules that weir cannot run. */
export const withoutIdle = (idle: number): string =>
  `${counted(idle, "rule")} left out, which weir cannot run; \`weir rules check\` says why.\n`;
