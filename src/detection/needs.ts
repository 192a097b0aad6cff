import { OptionError } from "../option/option-error.ts";
import type { Rule } from "./rule.ts";
import { typeOfRule } from "./rule-types.ts";
import type { IndicatorSource } from "./threat-match/indicator.ts";

/** Throws an `OptionError` for a rule that needs what the pipeline does not give. */
export const checkNeeds = (rules: readonly Rule[], indicators: readonly IndicatorSource[] = []): void => {
  for (const rule of rules) {
    const lack = typeOfRule(rule).needs?.(rule)?.lack({ indicators });
    if (lack) throw new OptionError(`the rule "${rule.name}" cannot run: ${lack.message}`, ["rules"], lack);
  }
};
