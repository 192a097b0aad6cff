import type { Data } from "../json.ts";
import type { Rule, Threat } from "./rule.ts";
import { typeOfRule } from "./rule-types.ts";

/**
 * What an alert has from its rule, with the dotted keys and the values that Elastic's detection engine writes, where they
 * make sense outside Kibana: `rule` describes the rule, and `alert` is about the alert itself.
 */
export const ruleFields = (rule: Rule): { readonly alert: Data; readonly rule: Data } => ({
  alert: rule.building_block ? { "kibana.alert.building_block_type": "default" } : {},
  rule: describing(rule),
});

const describing = (rule: Rule): Data => ({
  "kibana.alert.rule.uuid": rule.id,
  "kibana.alert.rule.rule_id": rule.id,
  "kibana.alert.rule.name": rule.title,
  "kibana.alert.rule.description": rule.description,
  "kibana.alert.rule.severity": rule.severity,
  "kibana.alert.rule.risk_score": rule.risk_score,
  "kibana.alert.rule.tags": rule.tags,
  "kibana.alert.rule.threat": rule.threat.map(threatField),
  "kibana.alert.rule.references": rule.references,
  "kibana.alert.rule.false_positives": rule.false_positives,
  "kibana.alert.rule.note": rule.note,
  "kibana.alert.rule.author": rule.author,
  "kibana.alert.rule.license": rule.license,
  "kibana.alert.rule.version": rule.version,
  "kibana.alert.rule.timestamp_override": rule.timestamp,
  ...rule.more,
  ...typeOfRule(rule).alertFields(rule),
});

const page = (path: string) => `https://attack.mitre.org/${path}/`;

const threatField = ({ tactic, techniques }: Threat) => ({
  framework: "MITRE ATT&CK",
  tactic: { ...named(tactic), reference: page(`tactics/${tactic.id}`) },
  technique: techniques.map((technique) => ({
    ...named(technique),
    reference: page(`techniques/${technique.id}`),
    ...(technique.subtechniques?.length && {
      subtechnique: technique.subtechniques.map((part) => ({
        ...named(part),
        reference: page(`techniques/${part.id.replace(".", "/")}`),
      })),
    }),
  })),
});

const named = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name });
