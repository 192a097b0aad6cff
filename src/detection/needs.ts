import { OptionError } from "../option/option-error.ts";
import type { DetectOptions } from "./detect-options.ts";
import type { GivenToRules, Lack, Needed } from "./needed.ts";
import type { Rule } from "./rule.ts";
import { languageOf, typeOfRule } from "./rule-types.ts";

/** All that the pipeline must give, so that a rule can run: for its type, and for its query. */
export const needsOf = (rule: Rule): readonly Needed[] => {
  const type = typeOfRule(rule);
  return [type.needs?.(rule), languageOf(type).needs?.(rule.query)].flatMap((needed) => needed ?? []);
};

/** Why a rule cannot run with what a pipeline gives; `undefined` if it can. */
export const lackOf = (rule: Rule, given: GivenToRules): Lack | undefined =>
  needsOf(rule)
    .map(({ lack }) => lack(given))
    .find((lack) => lack !== undefined);

/** Throws an `OptionError` for a rule that needs what the pipeline does not give. */
export const checkNeeds = (
  rules: readonly Rule[],
  { indicators = [], default_fields }: Pick<DetectOptions, keyof GivenToRules>,
): void => {
  for (const rule of rules) {
    const lack = lackOf(rule, { indicators, default_fields });
    if (lack) throw new OptionError(`the rule "${rule.name}" cannot run: ${lack.message}`, ["rules"], lack);
  }
};
