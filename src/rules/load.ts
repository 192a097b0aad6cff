import { checkOptions } from "../config/check.ts";
import { decode } from "../config/decode.ts";
import { isOtherFile } from "../config/other-file.ts";
import { Report } from "../config/report.ts";
import { checkSyntax } from "../config/syntax.ts";
import { YamlFile } from "../config/yaml-file.ts";
import type { Contradiction } from "../detection/contradiction.ts";
import type { Rule } from "../detection/rule.ts";
import type { RuleType } from "../detection/rule-type.ts";
import { languageOf, ruleTypes, setRuleType, typeOfRule } from "../detection/rule-types.ts";
import type { RuleCatalog } from "../detection/rules-option.ts";
import { type Data, isObject } from "../json.ts";
import type { Option } from "../option/option.ts";
import type { Result } from "../problem.ts";
import { ruleOptions } from "./rule-options.ts";
import { timelineProblems } from "./timeline.ts";

/** Reads a rule from the text of its file, or reports all problems of the file. */
export const loadRule = (
  text: string,
  {
    file: fileName,
    name,
    types = ruleTypes,
    values: known,
  }: {
    readonly file: string;
    readonly name: string;
    /** The types that a rule can have; by default those that come with weir. */
    readonly types?: readonly RuleType[] | undefined;
    /** What the text has, if that is known: then it is parsed only to say where a problem is. */
    readonly values?: unknown;
  },
): Result<Rule> => {
  const file = new YamlFile(fileName, text);
  const report = new Report(file);
  if (known === undefined && !checkSyntax(file, report)) return { ok: false, problems: report.problems };
  const values: unknown = known ?? file.document.toJS();
  if (!isObject(values)) {
    report.error("config/not-a-map", { path: [] }, ["The content of this file", "a rule's options"]);
    return { ok: false, problems: report.problems };
  }
  if (isOtherFile(values, "rule", report)) return { ok: false, problems: report.problems };
  const reading = { file, report, origins: new Map(), catalogs: { rules: noRules, codecs: noRules } };
  const options = ruleOptions(values["type"], types);
  if (!checkOptions(options, values, { name: "a rule", path: [] }, reading))
    return { ok: false, problems: report.problems };
  const rule = { name, ...decode(options, values, [], reading) } as unknown as Rule;
  const type = types.find((each) => each.name === rule.type);
  if (type) setRuleType(rule, type);
  checkParts(rule, types, report);
  return report.result(() => rule);
};

/** Rules do not refer to other rules. */
export const noRules: RuleCatalog = { names: () => [], get: () => undefined };

/** Checks that the rule has the parts of its type and of no other type. Then the type checks the rule. */
const checkParts = (rule: Rule, types: readonly RuleType[], report: Report): void => {
  const type = typeOfRule(rule);
  const isGiven = (part: string) => (rule as unknown as Data)[part] !== undefined;
  for (const [part, option] of Object.entries(type.options))
    if (!isGiven(part) && isRequired(option))
      report.error("rule/missing-part", { path: ["type"] }, [type.name, part], membersOf(option));
  for (const part of types.flatMap(({ options }) => Object.keys(options)))
    if (isGiven(part) && !(part in type.options))
      report.error("rule/out-of-place", { path: [part], key: true }, [type.name, part]);
  if (report.failed) return;
  for (const { path, message } of [...(type.check?.(rule) ?? []), ...timelineProblems(rule), ...lacksIn(rule)])
    report.error("rule/contradiction", { path }, [message]);
};

/** Finds tests that do not say what the rule's query needs. */
const lacksIn = (rule: Rule): readonly Contradiction[] => {
  const needed = languageOf(typeOfRule(rule)).needs?.(rule.query);
  return rule.tests.flatMap(({ default_fields }, index) => {
    const lack = needed?.lack({ indicators: [], default_fields });
    return lack ? [{ path: ["tests", index], message: `The test cannot run: ${lack.message}. ${lack.hint}` }] : [];
  });
};

const isRequired = (option: Option) => option["default"] === undefined && option["optional"] !== true;

const membersOf = ({ required }: Option): string | undefined =>
  Array.isArray(required) && required.length > 0
    ? `It has ${required.map((name) => `"${name}"`).join(" and ")}.`
    : undefined;
