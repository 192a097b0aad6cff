import type { Event } from "../../event.ts";
import type { Data } from "../../json.ts";
import { type Config, option, schemaFor } from "../../option/option.ts";
import { durationText } from "../../option/quantity.ts";
import { counted } from "../../text.ts";
import type { ElasticForm } from "../elastic-form.ts";
import { kql } from "../query-language.ts";
import { isSaidFirst, valued } from "../reason-parts.ts";
import { type Rule, statedAlerts } from "../rule.ts";
import type { Finding, RuleType } from "../rule-type.ts";
import { type Threshold, type ThresholdOptions, threshold } from "./threshold.ts";

const different = option.group({
  field: option.field("The field whose values are counted, each once."),
  value: option.integer("How many different values it must have.", { minimum: 1 }),
});

const options = {
  threshold: option.group({
    fields: option.list(option.field, { maxItems: 5 })(
      "Events with the same values in these fields are counted together; without a field, all are.",
      { default: [] },
    ),
    value: option.integer("How many events raise an alert.", { minimum: 1, maximum: 100_000 }),
    cardinality: option.list(different, { maxItems: 1 })("What must differ among these events.", { default: [] }),
    window: option.window("How long the events may be apart."),
    lateness: option.optional(option.duration("How late an event can arrive and still be counted exactly.")),
  })("For rules of type threshold."),
};

/** A rule of type `threshold`. */
export type ThresholdRule = Rule & Config<typeof options>;

/** Elastic takes one field also without a list, and no field as an empty text. */
const oneOrMore = schemaFor<string | readonly string[]>({
  title: "a field, or a list of fields",
  type: ["string", "array"],
  items: option.field("A field."),
  maxItems: 5,
  description: "The fields of a group.",
  default: [],
});

const fieldsOf = ({ threshold }: Data): readonly string[] =>
  [(threshold as { readonly field: string | readonly string[] }).field].flat().filter((field) => field !== "");

const elastic: ElasticForm = {
  fields: {
    threshold: option.group({
      field: oneOrMore,
      value: option.integer("How many events raise an alert.", { minimum: 1, maximum: 100_000 }),
      cardinality: option.list(different, { maxItems: 1 })("What must differ among these events.", { default: [] }),
    })("The threshold."),
  },
  part: (fields, { from }) => {
    const { value, cardinality } = fields["threshold"] as ThresholdOptions;
    return { threshold: { fields: fieldsOf(fields), value, cardinality, window: from } };
  },
  suppressedBy: fieldsOf,
};

/** So many events with the same values within a time raise an alert. */
export const thresholdType: RuleType<Config<typeof options>> = {
  name: "threshold",
  options,
  elastic,
  check: (rule) => {
    const wanted = rule.threshold.fields.length;
    return statedAlerts(rule).flatMap(({ alert, path }) => {
      const { length } = alert as readonly string[];
      if (length === wanted) return [];
      return [
        { path, message: `This alert has ${counted(length, "value")}, but the rule has ${counted(wanted, "field")}.` },
      ];
    });
  },
  distinguishedBy: ({ threshold: { fields } }) => fields,
  sharing: () => "the events that it counts",
  silences: ["no_terms", "alerted", "counted"],
  detector: (rule, tools) => threshold(rule.threshold, { ...tools, selection: rule.query }),
  memory: ({ threshold: { fields, cardinality, window } }) => [String(window), cardinality[0]?.field ?? "", ...fields],
  alertFields: ({ query, threshold: { fields, value, cardinality } }) => ({
    "kibana.alert.rule.type": "threshold",
    "kibana.alert.rule.category": "Threshold Rule",
    "kibana.alert.rule.parameters": {
      language: kql.name,
      query,
      threshold: { field: fields, value, ...(cardinality.length > 0 && { cardinality }) },
    },
  }),
  finding: ({ data }: Event): Finding => {
    const { threshold: found } = data["weir"] as { readonly threshold: Threshold };
    const { terms, count, cardinality, from, to } = found;
    return {
      eventId: found.event_id,
      terms,
      sentences: [sentence(found)],
      fields: {
        "kibana.alert.original_time": to,
        "kibana.alert.threshold_result": { terms, cardinality, count, from },
        weir: { threshold: found } satisfies Data,
      },
    };
  },
  card: ({ threshold: { fields, value, cardinality, window }, timestamp }) => {
    const among = fields.length === 0 ? "" : ` with the same ${fields.join(", ")}`;
    const differing = cardinality.map((each) => ` and at least ${each.value} different values of ${each.field}`);
    return {
      title: "Threshold",
      text: `Raises an alert when ${counted(value, "event")}${among}${differing.join("")} came within ${durationText(window)}, by ${timestamp}. Then it counts from zero.`,
    };
  },
  withLateness: ({ threshold }, lateness) => ({ threshold: { ...threshold, lateness } }),
  testAlert: {
    option: option.list(option.text),
    of: (alert) => (alert["kibana.alert.threshold_result"] as Pick<Threshold, "terms">).terms.map(({ value }) => value),
  },
};

const sentence = ({ terms, count, cardinality, from, to }: Threshold): string => {
  const same = terms.filter((term) => !isSaidFirst(term)).map(valued);
  const parts = [
    counted(count, "event"),
    ...(same.length > 0 ? [`with ${same.join(", ")}`] : []),
    from === to ? `at ${from}` : `from ${from} to ${to}`,
  ];
  const differing = cardinality.map(({ field, value }) => `, with ${counted(value, "different value")} of ${field}`);
  return `${parts.join(" ")}${differing.join("")}.`;
};
