import { filterQuery, NoCounterpart } from "../../detection/elastic-filter.ts";
import { ingestionAxis } from "../../detection/event-time.ts";
import type { Suppression } from "../../detection/limits/options.ts";
import type { Rule } from "../../detection/rule.ts";
import type { RuleType } from "../../detection/rule-type.ts";
import { type Data, isObject, type Json } from "../../json.ts";
import { shownFields } from "./fields.ts";

/** The fields in `[rule]` that weir uses, decoded. */
interface Fields {
  readonly rule_id: string;
  readonly name: string;
  readonly description: string;
  readonly query: string;
  readonly severity: Rule["severity"];
  readonly timestamp_override?: string;
  readonly from: number;
  readonly threat: readonly ElasticThreat[];
  readonly note: string;
}

interface Tuning extends Pick<Rule, "rule_name_override"> {
  readonly filters: readonly unknown[];
  readonly interval?: string;
  readonly alert_suppression?: Omit<Suppression, "duration"> & {
    readonly duration?: { readonly value: number; readonly unit: keyof typeof units };
  };
  readonly severity_mapping: NonNullable<Rule["severity_mapping"]>;
  readonly risk_score_mapping: NonNullable<Rule["risk_score_mapping"]>;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

interface ElasticThreat {
  readonly tactic: Named;
  readonly technique: readonly (Named & { readonly subtechnique: readonly Named[] })[];
}

/** Elastic's own time axis of rules that do not name one. */
const ownAxis = "@timestamp";

/** A rule made from the decoded fields of a file of Elastic's, and from what is written in it. */
export const ruleOf = (
  decoded: Data,
  { name, written, type }: { readonly name: string; readonly written: Data; readonly type: RuleType },
): Rule => {
  const fields = decoded as unknown as Fields & Rule;
  const metadata = isObject(written["metadata"]) ? written["metadata"] : {};
  const { timestamp_override: override = ownAxis, tags } = fields;
  return {
    name,
    id: fields.rule_id,
    version: fields.version,
    title: fields.name,
    description: fields.description.trim(),
    type: type.name,
    query: fields.query,
    timestamp: override === "event.ingested" ? ingestionAxis : override,
    ...type.elastic!.part(decoded, { from: fields.from }),
    severity: fields.severity,
    risk_score: fields.risk_score,
    threat: fields.threat.map(threatOf),
    tags,
    categories: tagged(tags, "Domain"),
    data_source: tagged(tags, "Data Source").join(", "),
    created: String(metadata["creation_date"] ?? "").replaceAll("/", "-"),
    author: fields.author,
    license: fields.license,
    references: fields.references,
    false_positives: fields.false_positives,
    note: fields.note.trim(),
    tests: [],
    ...tuning(decoded as unknown as Tuning, type.elastic!.suppressedBy?.(decoded)),
    ...(isBuildingBlock(decoded) && { building_block: true as const }),
    ...exceptionLists(written["rule"] as Data),
    more: shown(written["rule"] as Data),
  };
};

/** What changes the alerts of a rule, as far as the rule has it. */
const tuning = (
  {
    filters,
    alert_suppression: suppression,
    severity_mapping,
    risk_score_mapping,
    rule_name_override,
    interval,
  }: Tuning,
  usual: readonly string[] = [],
): Partial<Rule> => {
  const filter = filterOf(filters);
  return {
    ...(filter && { filter }),
    ...(suppression && {
      suppression: {
        group_by: suppression.group_by.length > 0 ? suppression.group_by : usual,
        duration: suppression.duration ? millisecondsOf(suppression.duration) : runOf(interval),
        missing_fields_strategy: suppression.missing_fields_strategy,
      },
    }),
    ...(severity_mapping.length > 0 && { severity_mapping }),
    ...(risk_score_mapping.length > 0 && { risk_score_mapping }),
    ...(rule_name_override !== undefined && { rule_name_override }),
  };
};

/** A filter without a counterpart is named as not honoured, with all the others. */
const filterOf = (filters: readonly unknown[]): Rule["filter"] => {
  try {
    return filterQuery(filters);
  } catch (error) {
    if (error instanceof NoCounterpart) return undefined;
    throw error;
  }
};

const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;
const millisecondsOf = ({ value, unit }: { readonly value: number; readonly unit: keyof typeof units }): number =>
  value * units[unit];

/** How often Elastic runs the rule: what is suppressed in one run is so within this time. */
const runOf = (interval = "5m"): number => {
  const [, value, unit] = /^(\d{1,6})([smh])$/.exec(interval) ?? [];
  return unit === undefined || Number(value) === 0
    ? 5 * units.m
    : millisecondsOf({ value: Number(value), unit: unit as "m" });
};

const exceptionLists = ({ exceptions_list: lists = [] }: Data): Pick<Rule, "exception_lists"> => {
  const ids = [lists]
    .flat()
    .flatMap((each) => (isObject(each) && typeof each["list_id"] === "string" ? each["list_id"] : []));
  return ids.length > 0 ? { exception_lists: ids } : {};
};

const isBuildingBlock = ({ building_block_type: type }: Data): boolean => type !== undefined;

const threatOf = ({ tactic, technique }: ElasticThreat): Rule["threat"][number] => ({
  tactic: named(tactic),
  techniques: technique.map(({ subtechnique, ...each }) => ({
    ...named(each),
    ...(subtechnique.length > 0 && { subtechniques: subtechnique.map(named) }),
  })),
});

const named = ({ id, name }: Named): Named => ({ id, name });

/** The values of tags such as `Domain: Cloud`. */
const tagged = (tags: readonly string[], name: string): readonly string[] =>
  tags.filter((tag) => tag.startsWith(`${name}: `)).map((tag) => tag.slice(name.length + 2));

const shown = (rule: Data): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(shownFields).flatMap(([field, name]) =>
      rule[field] === undefined ? [] : [[`kibana.alert.rule.${name}`, rule[field] as Json]],
    ),
  );
