import { ingestionAxis } from "../../detection/event-time.ts";
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
    ...(isBuildingBlock(decoded) && { building_block: true as const }),
    more: shown(written["rule"] as Data),
  };
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
