import { kql } from "../detection/query-language.ts";
import type { SelectedRules } from "../detection/rules-option.ts";
import type { About, ReadRule } from "./rule-file.ts";

/** The type, and the language if it does not follow from it. */
const kindOf = ({ type = "a rule without a type", language }: About): string =>
  language === undefined || language === type || language === kql.name ? type : `${type} in ${language}`;

/** The rules among those that were chosen which run, and what a pipeline must know of the others. */
export const selectedRules = (chosen: readonly ReadRule[]): Omit<SelectedRules, "isMany"> => {
  const idle = new Map<string, number>();
  const notHonoured = new Map<string, number>();
  const count = (counts: Map<string, number>, word: string) => counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const { cannotRun, about, result, notHonoured: fields } of chosen) {
    if (cannotRun !== undefined) count(idle, kindOf(about));
    if (result.ok) for (const { field, matters } of fields) if (matters) count(notHonoured, field);
  }
  return {
    rules: chosen.flatMap(({ result }) => (result.ok ? [result.value] : [])),
    problems: chosen.flatMap(({ result, cannotRun }) => (result.ok || cannotRun !== undefined ? [] : result.problems)),
    idle,
    notHonoured,
  };
};
