export { askAhead } from "./ahead.ts";
export { detect } from "./detect.ts";
export type { ElasticForm } from "./elastic-form.ts";
export { exceptionFilesOption } from "./exceptions/exception-file-option.ts";
export { exceptionsOption } from "./exceptions/options.ts";
export { learningStep } from "./learning/learning-step.ts";
export { learningOptions } from "./learning/options.ts";
export { looksForNew } from "./looks-for-new.ts";
export { newTerms } from "./new-terms/new-terms.ts";
export { sharedNewTerms } from "./new-terms/shared.ts";
export type { NewTerms, Term } from "./new-terms/terms.ts";
export { overridesOption } from "./overrides/overrides.ts";
export type { QueryLanguage } from "./query-language.ts";
export { type Request, requestOf } from "./request.ts";
export type { Rule } from "./rule.ts";
export { ruleOption } from "./rule-option.ts";
export {
  type Ancestor,
  type Detector,
  type DetectorTick,
  type DetectorTools,
  defineRules,
  defineRuleType,
  type Finding,
  type Raised,
  type RuleType,
} from "./rule-type.ts";
export { rulesOption } from "./rules-option.ts";
export type { Ask, SharedHistory } from "./shared-history.ts";
export { checkLearning } from "./sharing.ts";
export { toAlert } from "./to-alert.ts";
