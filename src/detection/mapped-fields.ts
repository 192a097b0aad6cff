import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import type { Rule } from "./rule.ts";

const ranks: readonly Rule["severity"][] = ["low", "medium", "high", "critical"];

/** What an event may change of the rule in its alert. */
type Mapped = Pick<Rule, "severity" | "risk_score" | "title">;

/**
 * The rule's severity, risk score and title for an alert about an event, as Elastic maps them: the highest severity of those
 * whose field has the value; the highest number from 0 to 100 in the field of the first risk score mapping; and the text of the
 * field that names the alert.
 */
export const mappedFields = (rule: Rule): ((data: Data) => Mapped) => {
  const { severity, risk_score, title } = rule;
  const severities = (rule.severity_mapping ?? []).map((each) => ({ ...each, read: fieldValues(each.field) }));
  const [first] = rule.risk_score_mapping ?? [];
  const readScore = first && fieldValues(first.field);
  const readTitle = rule.rule_name_override === undefined ? undefined : fieldValues(rule.rule_name_override);
  if (severities.length === 0 && !readScore && !readTitle) return () => rule;
  return (data) => {
    const found = severities.filter(({ read, value }) => read(data).includes(value));
    const highest = ranks.findLast((rank) => found.some((each) => each.severity === rank));
    const scores = (readScore?.(data) ?? []).filter(isScore).map(Number);
    const [name] = readTitle?.(data) ?? [];
    return {
      severity: highest ?? severity,
      risk_score: scores.length > 0 ? scores.reduce((most, score) => Math.max(most, score)) : risk_score,
      title: name === undefined || name === "" ? title : name,
    };
  };
};

const isScore = (text: string): boolean => /^\d{1,3}(?:\.\d{1,17})?$/.test(text) && Number(text) <= 100;
