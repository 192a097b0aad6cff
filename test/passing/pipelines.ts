import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environmentOf } from "../recipe-environment.ts";
import type { PipelineFiles } from "./pipeline-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rules = readdirSync(join(root, "plugins/rules")).map((file) => file.replace(".yaml", ""));

export const source = (codec: string, more = "") => `sources: {in: {type: stdin, codec: ${codec}${more}}}`;
export const sink = (inputs: string) => `sinks: {out: {type: blackhole, inputs: [${inputs}]}}`;
export const filter = (where: string, input = "in") =>
  `{type: filter, inputs: [${input}], where: ${JSON.stringify(where)}}`;

export const textOf = (...lines: readonly string[]) => ({ text: lines.join("\n") });

/** What the benchmark runs. */
export const headline = [
  "transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, rule: {type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent]}}",
  sink("rule"),
];

/** All rules that come with weir, and some as Elastic has them. */
const ruleNames = JSON.stringify([...rules, { from: join(root, "test/elastic/rules/kubernetes") }]);

export const allRules = [
  `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, all: {type: detection, inputs: [ecs], rules: ${ruleNames}}}`,
  sink("all"),
];

const eqlQueries = [
  'any where user_agent.original : ("*KUBE*/v1*", "CURL/8.0.1") and kubernetes.audit.verb == "get"',
  'any where startsWith~(kubernetes.audit.requestURI, "/API/V1/namespaces") and kubernetes.audit.verb in~ ("GET", "LIST")',
  'any where kubernetes.audit.user.username like~ "system:*" and not kubernetes.audit.requestURI like "*secrets*"',
  'any where endsWith(user.name, "r") and stringContains~(kubernetes.audit.objectRef.name, "é")',
];

/** A rule file: `about` is what it looks for. */
export const ruleText = (about: object, number: number): string =>
  JSON.stringify({
    id: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    version: 1,
    title: `Rule ${number}`,
    description: "For a test.",
    ...about,
    timestamp: number % 2 ? "kubernetes.audit.stageTimestamp" : "event.ingested",
    severity: "low",
    risk_score: 21,
    created: "2026-05-06",
  });

/** The rules of queries in EQL, on audit events. */
export const rulesInEql = (queries: readonly string[]): PipelineFiles => ({
  ...textOf(
    source("json"),
    'transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: {type: detection, inputs: [ecs], rules: ["./eql_*.yaml"]}}',
    sink("a"),
  ),
  files: Object.fromEntries(
    queries.map((query, number) => [`eql_${number}.yaml`, ruleText({ type: "eql", query }, number)]),
  ),
});

/** Pipelines for all that the plan of a scanner can contain. */
export const planned: Readonly<Record<string, PipelineFiles>> = {
  "all rules, lines": textOf(source("text"), ...allRules),
  "all rules, JSON": textOf(source("json"), ...allRules),
  "the headline rule, JSON": textOf(source("json"), ...headline),
  "a rule that learns first": textOf(
    source("json"),
    "transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, rule: {type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent], timestamp: kubernetes.audit.stageTimestamp, learn_for: 2s}}",
    sink("rule"),
  ),
  "a field with a name that is too long to be looked for": textOf(
    source("json"),
    `transforms: {a: ${filter(`${"long".repeat(80)}:1`)}}`,
    sink("a"),
  ),
  "more fields than can be looked for": textOf(
    source("json"),
    `transforms: {${Array.from({ length: 4 }, (_, n) => `f${n}: ${filter(Array.from({ length: 7 }, (_, m) => `a${n}${m}.b.c.d.e.f:1`).join(" or "))}`).join(", ")}}`,
    sink("f0, f1, f2, f3"),
  ),
  "lines with their origin and labels": textOf(
    "labels: {site: north, verb: get}",
    source("text", ", origin: always"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, some: ${filter("event.action:list and (labels.site:north or host.name:x*) or user.name:ada", "ecs")}}`,
    sink("some"),
  ),
  "JSON with its origin": textOf(
    source("json", ", origin: always"),
    `transforms: {some: ${filter("verb:list and labels.site:north or verb:get and (host.name:a* or log.offset>0)")}}`,
    sink("some"),
  ),
  "filters on records": textOf(
    source("json"),
    `transforms: {a: ${filter("verb:(get or list) and objectRef.resource:secrets")}, b: ${filter("user.username:system* and not verb:get or responseStatus.code >= 400")}}`,
    sink("a, b"),
  ),
  "fields that a shipper may add": textOf(
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, c: ${filter("kind:Event and user.name:ada or log:x or stream:stderr", "ecs")}, a: ${filter("process.name:x or event.action:x or user_agent.original:x* or cluster:prod and host.name:*", "ecs")}, b: ${filter("source.ip:203.0.113.0/24 or orchestrator.resource.type:secrets and (stream:* or date:* or hostname:cp-1)", "ecs")}}`,
    sink("a, b, c"),
  ),
  "more names than can be known": textOf(
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: ${filter(Array.from({ length: 130 }, (_, n) => `n${n}:1`).join(" or "), "ecs")}}`,
    sink("a"),
  ),
  "parts of texts, in any case": textOf(
    source("json"),
    `transforms: {a: ${filter("userAgent:(*kube*/v1* or *CURL*) and verb:get or requestURI:*secrets* and not verb:list")}, b: ${filter("user.username:system\\:*\\:d* or objectRef.name:(x* or *é*) or level:*data")}}`,
    sink("a, b"),
  ),
  "rules in EQL with texts in any case": rulesInEql(eqlQueries),
  "an array, numbers, dates and what is not there": textOf(
    source("json"),
    `transforms: {a: ${filter("sourceIPs:10.0.0.1 or responseStatus.code:403")}, b: ${filter("odd:7 or odd:true or user.groups:*masters")}}`,
    sink("a, b"),
  ),
  "several ways, one through two transforms": textOf(
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: ${filter("user.name:ada and event.dataset:kubernetes.audit_logs", "ecs")}, b: ${filter("process.name:x or source.ip:203.0.113.0/24", "ecs")}, c: ${filter("auditID:1")}}`,
    sink("a, b, c"),
  ),
};

const isPipeline = (file: string) => /(?<!\.test)\.yaml$/.test(file) && file !== "audit-policy.yaml";

/** Those whose transforms ask servers. */
const remote = ["kubernetes-secret-access-fleet-detector.yaml", "kubernetes-secret-access-many-collectors.yaml"];

/** Every pipeline that comes with weir, but for those whose transforms ask servers. */
export const shipped: readonly (readonly [name: string, files: PipelineFiles])[] = [
  "pipelines",
  "examples",
  "examples/recipes",
].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => isPipeline(file) && !remote.includes(file))
    .map((file) => {
      const path = join(root, folder, file);
      return [join(folder, file), { path, env: environmentOf(path) }] as const;
    }),
);
