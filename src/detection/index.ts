export { detect } from "./detect.ts";
export { newTerms } from "./new-terms/new-terms.ts";
export type { NewTerms, Term } from "./new-terms/terms.ts";
export { type Request, requestOf } from "./request.ts";
export type { Rule } from "./rule.ts";
export { ruleOption } from "./rule-option.ts";
export { defineRules, defineRuleType, type RuleType } from "./rule-type.ts";
export { toAlert } from "./to-alert.ts";
