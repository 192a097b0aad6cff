import { type CompiledEql, compileEql, EqlError, parseEql } from "../../eql/index.ts";
import { option } from "../../option/option.ts";
import { durationText } from "../../option/quantity.ts";
import { counted } from "../../text.ts";
import type { ElasticForm } from "../elastic-form.ts";
import { ingestionAxis } from "../event-time.ts";
import { statedAlerts } from "../rule.ts";
import type { DetectorTools, RuleType } from "../rule-type.ts";
import { detectorOf } from "./detector.ts";
import { type AboutGroup, findingOf } from "./group.ts";
import { eql, eqlOptionsOf } from "./language.ts";
import { category, type EqlRule, lateness, options } from "./options.ts";

const field = (description: string) => option.optional(option.field(description));

interface ElasticFields {
  readonly query: string;
  readonly event_category_override?: string;
  readonly timestamp_field?: string;
  readonly tiebreaker_field?: string;
}

const elastic: ElasticForm = {
  fields: {
    event_category_override: field("The field of the category."),
    timestamp_field: field("The field by which the events of a sequence are in order."),
    tiebreaker_field: field("The field that puts events of the same time in order."),
  },
  part: (fields, { from }) => {
    const { query, timestamp_field, tiebreaker_field, event_category_override } = fields as unknown as ElasticFields;
    // Elastic puts sequences in order by this field, whatever `timestamp_override` says.
    const timestamp = timestamp_field ?? "@timestamp";
    return {
      correlation: {
        window: from,
        lateness,
        category: event_category_override ?? category,
        ...(tiebreaker_field !== undefined && { tiebreaker: tiebreaker_field }),
      },
      ...(parseEql(query).type === "sequence" && { timestamp }),
    };
  },
};

const compiled = (rule: EqlRule, types?: DetectorTools["types"]): CompiledEql =>
  compileEql(rule.query, eqlOptionsOf(rule, types));

/** Its file was checked without the types of the pipeline. */
const compiledWith = (rule: EqlRule, types: DetectorTools["types"]): CompiledEql => {
  try {
    return compiled(rule, types);
  } catch (error) {
    if (!(error instanceof EqlError)) throw error;
    throw new Error(`the query of the rule "${rule.name}" does not work: ${error.message}`);
  }
};

/** How many values join the events of a group; none for a query of single events. */
const keysOf = (query: string): number => {
  const tree = parseEql(query);
  return tree.type === "event" ? 0 : tree.by.length + tree.items[0]!.by.length;
};

/** Events, sequences and samples, in EQL. */
export const eqlType: RuleType<Pick<EqlRule, "correlation">> = {
  name: "eql",
  language: eql,
  options,
  elastic,
  check: (rule) => {
    const wanted = keysOf(rule.query);
    return statedAlerts(rule).flatMap(({ alert, path }) => {
      const { length } = alert as readonly string[];
      if (length === wanted) return [];
      const values = counted(length, "value");
      return [{ path, message: `This alert has ${values}, but the query joins by ${counted(wanted, "field")}.` }];
    });
  },
  sharing: ({ query }) => {
    const { type } = parseEql(query);
    return type === "event" ? true : `the events of a ${type}`;
  },
  silences: ["remembered"],
  detector: (rule, tools) => detectorOf(compiledWith(rule, tools.types), rule, tools),
  memory: ({ correlation: { category } }) => [category],
  alertFields: ({ query, correlation: { category: written, tiebreaker }, timestamp }) => ({
    "kibana.alert.rule.type": "eql",
    "kibana.alert.rule.category": "Event Correlation Rule",
    "kibana.alert.rule.parameters": {
      language: eql.name,
      query,
      ...(written !== category && { event_category_override: written }),
      ...(timestamp !== ingestionAxis && timestamp !== "@timestamp" && { timestamp_field: timestamp }),
      ...(tiebreaker !== undefined && { tiebreaker_field: tiebreaker }),
    },
  }),
  finding: ({ data }) => findingOf(data),
  card: (rule) => ({ title: "Events", text: cardText(rule) }),
  holds: ({ query, correlation: { lateness }, timestamp }) =>
    parseEql(query).type === "sequence" && timestamp !== ingestionAxis ? lateness : 0,
  withLateness: ({ correlation }, lateness) => ({ correlation: { ...correlation, lateness } }),
  testAlert: {
    option: option.list(option.text),
    of: (alert) => {
      if (alert["kibana.alert.group.index"] !== undefined) return undefined;
      const { eql: about } = (alert["weir"] ?? {}) as { readonly eql?: AboutGroup };
      return about?.keys.map((key) => key ?? "null") ?? [];
    },
  },
};

const cardText = (rule: EqlRule): string => {
  const query = compiled(rule);
  const { window, lateness } = rule.correlation;
  const blocks = "with a building block for each of its events";
  switch (query.type) {
    case "event":
      return "Raises an alert for each event that matches.";
    case "sample":
      return `Raises an alert for each sample that came within ${durationText(window)}, by ${rule.timestamp}, ${blocks}. Then its key starts again.`;
    case "sequence": {
      const longest = durationText(query.plan.maxspan ?? window);
      const held =
        rule.timestamp === ingestionAxis || lateness === 0
          ? ""
          : ` Events are held for ${durationText(lateness)}, so that late ones are put in order.`;
      return `Raises an alert for each sequence of at most ${longest}, by ${rule.timestamp}, ${blocks}.${held}`;
    }
  }
};
