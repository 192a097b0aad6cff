import { filterQuery, NoCounterpart } from "../../detection/elastic-filter.ts";
import { agoOption } from "../../detection/elastic-form.ts";
import { ingestionAxis } from "../../detection/event-time.ts";
import { severityOption } from "../../detection/severity-option.ts";
import type { Data } from "../../json.ts";
import { isObject } from "../../json.ts";
import { type Option, type Options, option, schemaFor } from "../../option/option.ts";
import { uuid } from "../common-options.ts";

const named = {
  id: option.text("The id in MITRE ATT&CK."),
  name: option.text("The name in MITRE ATT&CK."),
  reference: option.text("Its page.", { default: "" }),
};

const technique = option.group({
  ...named,
  subtechnique: option.list(option.group(named))("Its subtechniques.", { default: [] }),
});

const threat = option.group({
  framework: option.text("MITRE ATT&CK."),
  tactic: option.group(named)("The tactic."),
  technique: option.list(technique)("The techniques.", { default: [] }),
});

const texts = (description: string) => option.list(option.text)(description, { default: [] });

/** A map of any content. */
const map = (description: string) => schemaFor<Data>({ title: "a map", type: "object", description });

const suppression = option.group({
  group_by: option.list(option.field, { maxItems: 5 })("The fields of a group.", { default: [] }),
  duration: option.optional(
    option.group({
      value: option.integer("How many.", { minimum: 1, maximum: 1_000_000 }),
      unit: option.oneOf("s", "m", "h")("Seconds, minutes or hours."),
    })("How long; without it, for one run of the rule."),
  ),
  missing_fields_strategy: option.oneOf("suppress", "doNotSuppress")("Alerts without a value in one of the fields.", {
    default: "suppress",
  }),
});

/** A rule without the table has no suppression. */
const withoutDefault = <T>({ default: _, ...schema }: Option<T>): Option<T> => schemaFor<T>(schema);

const mapping = {
  field: option.field("The field."),
  operator: option.oneOf("equals")("How it is compared.", { default: "equals" }),
  value: option.text("The value.", { default: "" }),
};
const severityMapping = option.group({ ...mapping, severity: severityOption("The severity.") });

/** The fields in `[rule]` that weir uses, beside those of the rule's type. All but `query`, whose language is the type's. */
export const usedFields = {
  rule_id: uuid("Identifies the rule."),
  name: option.text("The display name of the rule."),
  description: option.text("What the rule looks for, and why."),
  type: option.text("How events are evaluated."),
  language: option.optional(option.text("The language of the query.")),
  severity: severityOption("How severe an alert is."),
  risk_score: option.integer("The severity as a number.", { minimum: 0, maximum: 100 }),
  version: option.integer("The version of the rule.", { minimum: 1, default: 1 }),
  author: texts("The authors."),
  license: option.text("The licence.", { default: "" }),
  tags: texts("Tags to find the rule by."),
  references: texts("Links to further reading."),
  false_positives: texts("Harmless activity that raises the alert."),
  note: option.text("How to investigate its alerts.", { default: "" }),
  setup: option.text("What must be set up before.", { default: "" }),
  threat: option.list(threat)("MITRE ATT&CK.", { default: [] }),
  timestamp_override: option.optional(option.field("The field with the event's time.")),
  from: agoOption("Where the time begins that a run of the rule looks at.", { default: "now-6m" }),
  interval: option.optional(option.text("How often the rule runs.")),
  building_block_type: option.optional(option.text("Its alerts are building blocks.")),
  index: texts("The indices that Elastic searches."),
  investigation_fields: option.optional(map("The fields to look at first.")),
  related_integrations: option.list(map)("The integrations whose events it needs.", { default: [] }),
  required_fields: option.list(map)("The fields that it needs.", { default: [] }),
  filters: option.list(map)("What else an event must match.", { default: [] }),
  alert_suppression: option.optional(withoutDefault(suppression("Which alerts are suppressed."))),
  severity_mapping: option.list(severityMapping)("The severity by the value of a field.", { default: [] }),
  risk_score_mapping: option.list(option.group(mapping))("The field with the risk score.", { default: [] }),
  rule_name_override: option.optional(option.field("The field with the name of an alert.")),
} satisfies Options;

/** Read by the language of the rule's type. */
const typed: Options = { query: option.text("What an event must match.") };

/** Fields that an alert has as they are written: `kibana.alert.rule.setup` and so on. */
export const shownFields: Readonly<Record<string, string>> = {
  index: "indices",
  interval: "interval",
  from: "from",
  to: "to",
  setup: "setup",
  investigation_fields: "investigation_fields",
  related_integrations: "related_integrations",
  required_fields: "required_fields",
  building_block_type: "building_block_type",
};

interface Disregarded {
  readonly why: string;
  /** It makes no difference to alerts, or the same for all rules. */
  readonly isUsual?: true;
  /** Whether the value makes a difference; without it, any but an empty one does. */
  readonly matters?: (value: unknown, rule: Data) => boolean;
}

const isFilled = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > 0;
  return isObject(value) ? Object.keys(value).length > 0 : value !== undefined && value !== "";
};

const hasNoCounterpart = (filters: unknown): boolean => {
  try {
    if (isFilled(filters)) filterQuery([filters].flat());
    return false;
  } catch (error) {
    if (!(error instanceof NoCounterpart)) throw error;
    return true;
  }
};

/** How many alerts a run of a rule raises at most in Elastic, unless it says otherwise. More ask for what weir does anyway. */
const usualSignals = 100;

const forKibana: Disregarded = { why: "only Kibana uses it", isUsual: true };
const bySinks: Disregarded = { why: "the sinks of the pipeline decide where alerts go", isUsual: true };

/** Fields that weir knows and does not honour, and why. */
const disregarded: Readonly<Record<string, Disregarded>> = {
  index: { why: "weir has no indices; the rule checks every event that reaches it", isUsual: true },
  data_view_id: { why: "weir has no data views; the rule checks every event that reaches it", isUsual: true },
  to: { why: "weir checks every event when it arrives", matters: (value) => value !== "now" },
  max_signals: {
    why: "weir raises every alert; a pipeline can set max_alerts under overrides",
    matters: (value) => typeof value !== "number" || value < usualSignals,
  },
  filters: { why: "weir does not support some of them, so it may raise more alerts", matters: hasNoCounterpart },
  exceptions_list: {
    why: "the list is in Kibana, not in this file; export it and list the file under exception_files",
  },
  enabled: { why: "weir runs every rule that a pipeline lists", matters: (value) => value === false },
  timestamp_override_fallback_disabled: {
    why: "for an event without this time, weir uses the time when it arrived",
    matters: (value, { timestamp_override = ingestionAxis }) => value === true && timestamp_override !== ingestionAxis,
  },
  response_actions: { why: "weir takes no action on hosts", isUsual: true },
  actions: bySinks,
  throttle: bySinks,
  ...Object.fromEntries(
    [
      "timeline_id",
      "timeline_title",
      "meta",
      "namespace",
      "outcome",
      "alias_purpose",
      "alias_target_id",
      "output_index",
      "immutable",
      "revision",
      "rule_source",
    ].map((field) => [field, forKibana]),
  ),
};

/** Whether weir knows a field of all rules. */
export const isCommonField = (field: string): boolean =>
  [typed, usedFields, disregarded].some((fields) => Object.hasOwn(fields, field));

/** The names of all these fields. */
export const commonFields: readonly string[] = [typed, usedFields, disregarded].flatMap(Object.keys);

/** A field of a rule that is not honoured, and why; `undefined` if it is, or if its value makes no difference. */
export const disregardedField = (field: string, rule: Data): Disregarded | undefined => {
  const found = Object.hasOwn(disregarded, field) ? disregarded[field]! : undefined;
  return found && (found.matters ?? isFilled)(rule[field], rule) ? found : undefined;
};
