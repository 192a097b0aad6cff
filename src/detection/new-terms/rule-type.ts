import { type Config, option } from "../../option/option.ts";
import { durationText } from "../../option/quantity.ts";
import { counted } from "../../text.ts";
import { agoOption, type ElasticForm } from "../elastic-form.ts";
import { type Rule, statedAlerts } from "../rule.ts";
import type { RuleType } from "../rule-type.ts";
import { findingOf } from "./finding.ts";
import { newTerms } from "./new-terms.ts";
import { sharedNewTerms } from "./shared.ts";

const options = {
  new_terms: option.group({
    fields: option.list(option.field, { minItems: 1, maxItems: 3 })("The fields whose values form a combination."),
    window: option.window("How long a combination counts as known after it was last seen."),
    lateness: option.optional(option.duration("How late an event can arrive and still be judged exactly.")),
  })("For rules of type new_terms."),
};

const named = option.text("The name of the field in Kibana.");

const elastic: ElasticForm = {
  fields: {
    new_terms: option.group({
      field: named,
      value: option.list(option.field, { minItems: 1, maxItems: 3 })("The fields whose values form a combination."),
      history_window_start: option.list(option.group({ field: named, value: agoOption("Where the history begins.") }), {
        minItems: 1,
        maxItems: 1,
      })("The history."),
    })("The new terms."),
  },
  part: ({ new_terms }) => {
    const { value: fields, history_window_start: starts } = new_terms as {
      readonly value: readonly string[];
      readonly history_window_start: readonly [{ readonly value: number }];
    };
    return { new_terms: { fields, window: starts[0].value } };
  },
};

/** A rule of type `new_terms`. */
export type NewTermsRule = Rule & Config<typeof options>;

/** Each combination of values that was not seen in the window before the event raises an alert. */
export const newTermsType: RuleType<Config<typeof options>> = {
  name: "new_terms",
  options,
  elastic,
  check: (rule) => {
    const wanted = rule.new_terms.fields.length;
    return statedAlerts(rule).flatMap(({ alert, path }) => {
      const { length } = alert as readonly string[];
      if (length === wanted) return [];
      return [
        { path, message: `This alert has ${counted(length, "term")}, but the rule has ${counted(wanted, "field")}.` },
      ];
    });
  },
  learns: true,
  distinguishedBy: ({ new_terms: { fields } }) => fields,
  silences: ["no_terms", "known"],
  sharing: () => true,
  detector: ({ id, name, query, new_terms }, tools) => {
    const options = { id, name, ...new_terms, selection: query, ...tools };
    return tools.shared ? sharedNewTerms({ ...options, ...tools.shared }) : newTerms(options);
  },
  memory: ({ new_terms: { fields } }) => fields,
  alertFields: ({ query, new_terms: { fields, window } }) => ({
    "kibana.alert.rule.type": "new_terms",
    "kibana.alert.rule.category": "New Terms Rule",
    "kibana.alert.rule.parameters": {
      language: "kuery",
      query,
      new_terms_fields: fields,
      history_window_start: `now-${durationText(window)}`,
    },
  }),
  finding: findingOf,
  card: ({ new_terms: { fields, window }, timestamp }) => ({
    title: "New terms",
    text: `Raises an alert when ${fields.length > 1 ? "a combination" : "a value"} of ${fields.join(", ")} was not seen in the ${durationText(window)} before, by ${timestamp}.`,
  }),
  withLateness: ({ new_terms }, lateness) => ({ new_terms: { ...new_terms, lateness } }),
  testAlert: { option: option.list(option.text), of: (alert) => alert["kibana.alert.new_terms"] },
};
