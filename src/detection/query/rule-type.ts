import { option } from "../../option/option.ts";
import { statedAlerts } from "../rule.ts";
import type { RuleType } from "../rule-type.ts";

/** Each event that the query matches raises an alert. */
export const queryType: RuleType = {
  name: "query",
  options: {},
  elastic: { fields: {}, part: () => ({}) },
  check: (rule) =>
    statedAlerts(rule).flatMap(({ alert, path }) => {
      if ((alert as readonly string[]).length === 0) return [];
      return [{ path, message: "The alerts of a rule of type query have no terms: write []." }];
    }),
  sharing: () => true,
  silences: [],
  detector: () => (event) => [event],
  alertFields: ({ query }) => ({
    "kibana.alert.rule.type": "query",
    "kibana.alert.rule.category": "Custom Query Rule",
    "kibana.alert.rule.parameters": { language: "kuery", query },
  }),
  testAlert: { option: option.list(option.text), of: () => [] },
};
