import { newTermsType } from "./new-terms/rule-type.ts";
import { queryType } from "./query/rule-type.ts";
import type { Rule } from "./rule.ts";
import type { RuleType } from "./rule-type.ts";

/** Every type that a rule can have. */
export const ruleTypes: readonly RuleType[] = [newTermsType, queryType];

/** The type that a rule names. Loading its file has checked that it exists. */
export const typeOfRule = ({ type }: Rule): RuleType => ruleTypes.find(({ name }) => name === type)!;
