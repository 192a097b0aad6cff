import { newTermsType } from "./new-terms/rule-type.ts";
import { queryType } from "./query/rule-type.ts";
import type { Rule } from "./rule.ts";
import type { RuleType } from "./rule-type.ts";

/** Every type that a rule can have. */
export const ruleTypes: readonly RuleType[] = [newTermsType, queryType];

/** The type that a rule names, which its file was checked for. */
export const typeOfRule = ({ type }: Rule): RuleType => ruleTypes.find(({ name }) => name === type)!;
