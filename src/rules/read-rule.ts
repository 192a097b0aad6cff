import type { Rule } from "../detection/rule.ts";
import { languageOf, ruleTypes, typeOfRule } from "../detection/rule-types.ts";
import type { Result } from "../problem.ts";
import { readElasticRule } from "./elastic/read.ts";
import { loadRule } from "./load.ts";
import type { About, ReadOptions, ReadRule } from "./rule-file.ts";

/** How the files of rules end. */
export const ruleFileEnding = /\.(ya?ml|toml)$/;

/** Reads a rule file: TOML as in Elastic's repository, or YAML. */
export const readRule = (text: string, { file, name, types = ruleTypes, values }: ReadOptions): ReadRule => {
  if (file.endsWith(".toml")) return readElasticRule(text, { file, name, types });
  const result = loadRule(text, { file, name, types, values });
  return { file, about: aboutOf(name, result), result, notHonoured: [] };
};

const aboutOf = (name: string, result: Result<Rule>): About => {
  if (!result.ok) return { name, tags: [], integrations: [] };
  const { title, type, severity, tags } = result.value;
  return { name, title, type, language: languageOf(typeOfRule(result.value)).name, severity, tags, integrations: [] };
};

/** Why a rule does not run; `undefined` if it does. */
export const whyNot = ({ result, cannotRun }: ReadRule): string | undefined => {
  if (cannotRun !== undefined || result.ok) return cannotRun;
  const errors = result.problems.filter(({ severity }) => severity === "error");
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  return `${errors[0]?.message ?? "its file has errors"}${more}`;
};
