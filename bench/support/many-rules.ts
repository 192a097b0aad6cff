import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the rules are written in; `sequence` is EQL too. */
export type RuleKind = "kql" | "eql" | "sequence";

const pad = (number: number): string => String(number).padStart(4, "0");

const dataset = 'event.dataset:"kubernetes.audit_logs"';

/** Queries as those of Elastic's rules for Kubernetes, each with names of its own; `n` is the number of the rule. */
const kql: readonly ((n: number) => string)[] = [
  (n) =>
    `${dataset} and kubernetes.audit.verb:("get" or "list") and kubernetes.audit.objectRef.resource:"vaults${n}" and not user_agent.original:(*kubernetes/$Format or *node-fetch*)`,
  (n) =>
    `${dataset} and kubernetes.audit.annotations.authorization_k8s_io/decision:"allow" and user_agent.original:(*scanner${n}* or "probe/${n}.0")`,
  (n) =>
    `${dataset} and kubernetes.audit.verb:"create" and kubernetes.audit.objectRef.resource:"pods" and kubernetes.audit.objectRef.subresource:("exec" or "attach") and kubernetes.audit.objectRef.namespace:"tenant-${n}"`,
  (n) =>
    `${dataset} and kubernetes.audit.user.username:(system\\:serviceaccount\\:team-${n}\\:* and not *\\:deployer) and kubernetes.audit.responseStatus.code:403`,
  (n) =>
    `${dataset} and source.ip:"10.${n % 200}.${100 + (n % 100)}.0/24" and kubernetes.audit.verb:("delete" or "deletecollection")`,
  (n) =>
    `${dataset} and kubernetes.audit.requestURI:*/namespaces/tenant-${n}/secrets* and not kubernetes.audit.user.groups:"system:masters"`,
];

const eql: readonly ((n: number) => string)[] = [
  (n) => `any where kubernetes.audit.verb in ("get", "list") and kubernetes.audit.objectRef.resource == "vaults${n}"`,
  (n) =>
    `any where event.dataset == "kubernetes.audit_logs" and user_agent.original : ("*scanner${n}*", "probe/${n}.?") and not user.name : "system:*"`,
  (n) =>
    `any where kubernetes.audit.verb == "create" and kubernetes.audit.objectRef.subresource in~ ("exec", "attach") and kubernetes.audit.objectRef.namespace : "tenant-${n}"`,
  (n) =>
    `any where startsWith~(kubernetes.audit.user.username, "system:serviceaccount:team-${n}:") and kubernetes.audit.responseStatus.code == 403`,
  (n) =>
    `any where cidrMatch(source.ip, "10.${n % 200}.${100 + (n % 100)}.0/24") and kubernetes.audit.verb : "delete*"`,
  (n) => `any where kubernetes.audit.requestURI like "*/namespaces/tenant-${n}/secrets*"`,
];

const sequence = (n: number): string =>
  `sequence by user.name with maxspan=5m\n  [any where kubernetes.audit.objectRef.resource == "vaults${n}"]\n  [any where kubernetes.audit.verb == "delete" and kubernetes.audit.objectRef.namespace : "tenant-${n}*"]`;

const queryOf = (kind: RuleKind, n: number): string => {
  if (kind === "sequence") return sequence(n);
  const shapes = kind === "kql" ? kql : eql;
  return shapes[n % shapes.length]!(n);
};

const ruleText = (kind: RuleKind, n: number): string => `[metadata]
creation_date = "2026/01/01"
maturity = "production"

[rule]
author = ["Bench"]
description = "For the benchmark."
language = "${kind === "kql" ? "kuery" : "eql"}"
license = "Apache-2.0"
name = "Bench ${kind} ${pad(n)}"
risk_score = 47
rule_id = "${`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`}"
severity = "medium"
type = "${kind === "kql" ? "query" : "eql"}"
query = '''
${queryOf(kind, n)}
'''
`;

/** Writes so many rules in Elastic's layout to a folder, and returns the glob for a pipeline. */
export const writeRules = (folder: string, kind: RuleKind, count: number): string => {
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < count; n++) writeFileSync(join(folder, `${kind}_${pad(n)}.toml`), ruleText(kind, n));
  return join(folder, "*.toml");
};
