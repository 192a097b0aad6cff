/** Writes examples/audit-sample.log: an hour of a made-up cluster's audit log, with a handful of requests that must alert. */
import { writeFileSync } from "node:fs";
import { type ApiRequest, auditLine, microTime } from "../plugins/sources/demo/audit-event.ts";
import { accountCaller, agentOf, humanCaller, unversioned } from "../plugins/sources/demo/callers.ts";
import { Random } from "../plugins/sources/demo/random.ts";
import { routineRequest } from "../plugins/sources/demo/traffic.ts";

/** Combinations of source address, user and agent that are new in this log: what the headline rule must find. */
export const expectedAlerts: readonly (readonly [ip: string, user: string, agent: string])[] = [
  ["192.0.2.14", "ines.moreau", agentOf("kubectl")],
  ["198.51.100.23", "tomas.havel", "kubectl/v1.35.0 (darwin/arm64) kubernetes/66452049"],
  ["203.0.113.77", "system:serviceaccount:catalogue:default", "curl/8.9.1"],
  ["203.0.113.78", "system:serviceaccount:catalogue:default", "curl/8.9.1"],
  ["10.244.7.19", "system:serviceaccount:batch-jobs:report-runner", "python-requests/2.32.3"],
  ["198.51.100.9", "yuki.arai", "cluster-browser/1.4.2"],
  ["10.20.0.5", "yuki.arai", "cluster-browser/1.4.2"],
  ["10.244.3.8", "system:serviceaccount:search:default", "Go-http-client/2.0"],
];

const secrets = { resource: "secrets", code: 200 } as const;
const engineer = {
  caller: humanCaller("ines.moreau", "platform:engineers"),
  agent: agentOf("kubectl"),
  from: ["192.0.2.14"],
};
const laptop = {
  caller: humanCaller("tomas.havel", "platform:engineers"),
  agent: "kubectl/v1.35.0 (darwin/arm64) kubernetes/66452049",
  from: ["198.51.100.23"],
};
const thief = {
  caller: accountCaller("catalogue", "default", "storefront-5d9c7b6f4-x2vqp"),
  agent: "curl/8.9.1",
  from: ["203.0.113.77"],
};
const script = {
  caller: accountCaller("batch-jobs", "report-runner", "report-29541-k8w2m"),
  agent: "python-requests/2.32.3",
  from: ["10.244.7.19"],
};
const proxied = {
  caller: humanCaller("yuki.arai", "platform:engineers"),
  agent: "cluster-browser/1.4.2",
  from: ["198.51.100.9", "10.20.0.5"],
};
const probe = {
  caller: accountCaller("search", "default", "indexer-0"),
  agent: "Go-http-client/2.0",
  from: ["10.244.3.8"],
};
const operator = {
  caller: accountCaller("payments", "certificate-operator", "certificate-operator-0"),
  agent: unversioned("certificate-operator"),
  from: ["10.20.0.13"],
};

/** The story, by second of the hour. What is marked * must alert, once for each address. */
const story: readonly (readonly [second: number, request: ApiRequest])[] = [
  // The daily work of an operator: the rule leaves agents like this one out.
  [61, { ...operator, ...secrets, verb: "list", namespace: "payments", parameters: "limit=500&resourceVersion=0" }],
  // * An engineer looks something up, as she does every week; for an empty history it is the first time. Then again.
  [312, { ...engineer, ...secrets, verb: "get", namespace: "checkout", name: "registry-pull" }],
  [319, { ...engineer, ...secrets, verb: "get", namespace: "checkout", name: "database-login" }],
  // * A colleague with a new laptop, from a hotel; later the same again.
  [745, { ...laptop, ...secrets, verb: "get", namespace: "catalogue", name: "database-login" }],
  [1830, { ...laptop, ...secrets, verb: "list", namespace: "catalogue", parameters: "limit=500" }],
  // * The token of a web shop's pod, used with curl from outside the cluster; first it looks round.
  [1268, { ...thief, verb: "list", resource: "pods", namespace: "catalogue", code: 403 }],
  [1271, { ...thief, verb: "list", resource: "configmaps", namespace: "catalogue", code: 200 }],
  [1284, { ...thief, ...secrets, verb: "list", namespace: "catalogue" }],
  [1302, { ...thief, ...secrets, verb: "get", namespace: "catalogue", name: "signing-key" }],
  [1306, { ...thief, ...secrets, verb: "watch", namespace: "catalogue", parameters: "watch=true" }],
  // * … and from a second address.
  [1377, { ...thief, ...secrets, from: ["203.0.113.78"], verb: "get", namespace: "catalogue", name: "signing-key" }],
  // A watch is no read of this rule's kind, nor is a request without any agent.
  [1511, { ...probe, ...secrets, verb: "watch", namespace: "search", parameters: "watch=true" }],
  [
    1544,
    { caller: probe.caller, from: ["10.244.3.9"], ...secrets, verb: "get", namespace: "search", name: "signing-key" },
  ],
  // * A script that lists every secret there is, page by page.
  [2105, { ...script, ...secrets, verb: "list", parameters: "limit=50" }],
  [2106, { ...script, ...secrets, verb: "list", parameters: "limit=50&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ" }],
  // * Through a proxy: the client's address and the proxy's, two combinations.
  [2467, { ...proxied, ...secrets, verb: "get", namespace: "ingress", name: "wildcard-certificate" }],
  [2520, { ...proxied, ...secrets, verb: "get", namespace: "ingress", name: "wildcard-certificate" }],
  // * Denied, which does not make it less telling.
  [2890, { ...probe, ...secrets, verb: "get", namespace: "payments", name: "database-login", code: 403 }],
  // The engineer again, taken for somebody else: the rule goes by who she is.
  [
    3122,
    { ...engineer, ...secrets, impersonated: { username: "auditor", groups: ["platform:auditors"] }, verb: "list" },
  ],
  [3377, { ...operator, ...secrets, verb: "get", namespace: "payments", name: "wildcard-certificate" }],
];

const hour = Date.UTC(2026, 2, 2, 9);
const routineEvery = 9;
const seed = 20;

/** Every eighth at most brings its body, so that the file stays small. */
const routine = Array.from({ length: 3_600 / routineEvery }, (_, index) => {
  const random = new Random(seed, index);
  const { body, ...request } = routineRequest(random);
  return [
    index * routineEvery + random.below(routineEvery),
    index % 8 === 0 && body ? { ...request, body } : request,
  ] as const;
});

/**
 * The log, line by line, always the same, as with examples/audit-policy.yaml: without the stage RequestReceived. One line was
 * cut short by a crash: no JSON, so it goes to the dead letter.
 */
export const sampleLog = (): string => {
  const requests = [...routine, ...story].sort(([a], [b]) => a - b);
  const lines = requests.map(([second, request], index) => lineOf(request, second, new Random(seed + 1, index)));
  const middle = Math.floor(lines.length / 2);
  return `${[...lines.slice(0, middle), lines[middle]!.slice(0, 193), ...lines.slice(middle)].join("\n")}\n`;
};

const lineOf = (request: ApiRequest, second: number, random: Random): string => {
  const id = random.uuid();
  const time = hour + second * 1_000 + random.below(960);
  const received = microTime(time, random.below(1_000));
  const staged = microTime(time + 2 + random.below(30), random.below(1_000));
  return auditLine(request, id, { received, staged });
};

if (import.meta.main) writeFileSync("examples/audit-sample.log", sampleLog());
