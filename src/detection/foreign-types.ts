import type { Rule } from "./rule.ts";
import type { RuleType } from "./rule-type.ts";

/** The types of rules whose type does not come with weir. */
const foreign = new WeakMap<Rule, RuleType>();

/** The type of a rule, if it does not come with weir. */
export const foreignTypeOf = (rule: Rule): RuleType | undefined => foreign.get(rule);

export const setForeignType = (rule: Rule, type: RuleType): void => {
  foreign.set(rule, type);
};
