import { eqlType } from "./eql/rule-type.ts";
import { foreignTypeOf, setForeignType } from "./foreign-types.ts";
import { newTermsType } from "./new-terms/rule-type.ts";
import { queryType } from "./query/rule-type.ts";
import { kql, type QueryLanguage } from "./query-language.ts";
import type { Rule } from "./rule.ts";
import type { RuleType } from "./rule-type.ts";
import { threatMatchType } from "./threat-match/rule-type.ts";
import { thresholdType } from "./threshold/rule-type.ts";

/** The types of rules that come with weir. */
export const ruleTypes: readonly RuleType[] = [newTermsType, queryType, thresholdType, eqlType, threatMatchType];

/** Says what the type of a rule is; loading a rule does this. */
export const setRuleType = (rule: Rule, type: RuleType): void => {
  if (!ruleTypes.includes(type)) setForeignType(rule, type);
};

/** The type that a rule names. Loading its file has checked that it exists. */
export const typeOfRule = (rule: Rule): RuleType =>
  foreignTypeOf(rule) ?? ruleTypes.find(({ name }) => name === rule.type)!;

/** The language of the queries of a type. */
export const languageOf = ({ language = kql }: Pick<RuleType, "language">): QueryLanguage => language;
