import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { loadPipelineFile } from "../../src/cli/load-file.ts";
import { ScanThreads } from "../../src/scan/ahead/scan-threads.ts";
import { budget } from "../fuzz/mutation.ts";
import { temporaryDir } from "../runtime/harness.ts";
import { logs, requests, single, unwanted } from "./records.ts";
import { leftBy } from "./run.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const rules = readdirSync(join(root, "plugins/rules")).map((file) => file.replace(".yaml", ""));

const source = (codec: string, more = "") => `sources: {in: {type: stdin, codec: ${codec}${more}}}`;
const sink = (inputs: string) => `sinks: {out: {type: blackhole, inputs: [${inputs}]}}`;
const filter = (where: string, input = "in") => `{type: filter, inputs: [${input}], where: ${JSON.stringify(where)}}`;

const headline = [
  "transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, rule: {type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent]}}",
  sink("rule"),
];

const pipelines: Readonly<Record<string, readonly string[]>> = {
  "all rules, lines": [
    source("text"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, all: {type: detection, inputs: [ecs], rules: [${rules}]}}`,
    sink("all"),
  ],
  "the headline rule, JSON": [source("json"), ...headline],
  "a rule that learns first": [
    source("json"),
    "transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, rule: {type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent], timestamp: kubernetes.audit.stageTimestamp, learn_for: 2s}}",
    sink("rule"),
  ],
  "a field with a name that is too long to be looked for": [
    source("json"),
    `transforms: {a: ${filter(`${"long".repeat(80)}:1`)}}`,
    sink("a"),
  ],
  "more fields than can be looked for": [
    source("json"),
    `transforms: {${Array.from({ length: 4 }, (_, n) => `f${n}: ${filter(Array.from({ length: 7 }, (_, m) => `a${n}${m}.b.c.d.e.f:1`).join(" or "))}`).join(", ")}}`,
    sink("f0, f1, f2, f3"),
  ],
  "lines with their origin and labels": [
    "labels: {site: north, verb: get}",
    source("text", ", origin: always"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, some: ${filter("event.action:list and (labels.site:north or host.name:x*) or user.name:ada", "ecs")}}`,
    sink("some"),
  ],
  "JSON with its origin": [
    source("json", ", origin: always"),
    `transforms: {some: ${filter("verb:list and labels.site:north or verb:get and (host.name:a* or log.offset>0)")}}`,
    sink("some"),
  ],
  "filters on records": [
    source("json"),
    `transforms: {a: ${filter("verb:(get or list) and objectRef.resource:secrets")}, b: ${filter("user.username:system* and not verb:get or responseStatus.code >= 400")}}`,
    sink("a, b"),
  ],
  "fields that a shipper may add": [
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, c: ${filter("kind:Event and user.name:ada or log:x or stream:stderr", "ecs")}, a: ${filter("process.name:x or event.action:x or user_agent.original:x* or cluster:prod and host.name:*", "ecs")}, b: ${filter("source.ip:203.0.113.0/24 or orchestrator.resource.type:secrets and (stream:* or date:* or hostname:cp-1)", "ecs")}}`,
    sink("a, b, c"),
  ],
  "more names than can be known": [
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: ${filter(Array.from({ length: 130 }, (_, n) => `n${n}:1`).join(" or "), "ecs")}}`,
    sink("a"),
  ],
  "parts of texts, in any case": [
    source("json"),
    `transforms: {a: ${filter("userAgent:(*kube*/v1* or *CURL*) and verb:get or requestURI:*secrets* and not verb:list")}, b: ${filter("user.username:*\\:d* or objectRef.name:(x* or *é*) or level:*data")}}`,
    sink("a, b"),
  ],
  "rules in EQL with texts in any case": [
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: {type: detection, inputs: [ecs], rules: ["./*.toml"]}}`,
    sink("a"),
  ],
  "an array, numbers, dates and what is not there": [
    source("json"),
    `transforms: {a: ${filter("sourceIPs:10.0.0.1 or responseStatus.code:403")}, b: ${filter("odd:7 or odd:true or user.groups:*masters")}}`,
    sink("a, b"),
  ],
  "several ways, one through two transforms": [
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: ${filter("user.name:ada and event.dataset:kubernetes.audit_logs", "ecs")}, b: ${filter("process.name:x or source.ip:203.0.113.0/24", "ecs")}, c: ${filter("auditID:1")}}`,
    sink("a, b, c"),
  ],
};

const eqlQueries: readonly string[] = [
  'any where user_agent.original : ("*KUBE*/v1*", "CURL/8.0.1") and kubernetes.audit.verb == "get"',
  'any where startsWith~(kubernetes.audit.requestURI, "/API/V1/namespaces") and kubernetes.audit.verb in~ ("GET", "LIST")',
  'any where kubernetes.audit.user.username like~ "system:*" and not kubernetes.audit.requestURI like "*secrets*"',
  'any where endsWith(user.name, "r") and stringContains~(kubernetes.audit.objectRef.name, "é")',
];

const ruleText = (number: number, query: string): string => `[metadata]
maturity = "production"
[rule]
name = "EQL ${number}"
description = "For a test."
author = ["weir"]
license = "Apache-2.0"
risk_score = 21
severity = "low"
language = "eql"
type = "eql"
rule_id = "00000000-0000-4000-8000-00000000000${number}"
query = '''
${query}
'''
`;

const load = async (lines: readonly string[]) => {
  const file = join(temporaryDir(), "pipeline.yaml");
  writeFileSync(file, lines.join("\n"));
  for (const [number, query] of eqlQueries.entries())
    writeFileSync(join(file, `../eql_${number}.toml`), ruleText(number, query));
  const loaded = await loadPipelineFile(file);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value.topology;
};

/** How many records were passed over in all runs. */
let passedOver = 0;

/** One thread and two, which scan readings of any size. */
const workers = [1, 2].map(
  (count) => new ScanThreads({ count, least: 1, onEnded: (why) => expect.unreachable(`a thread ended: ${why}`) }),
);

afterAll(async () => {
  await Promise.all(workers.map((threads) => threads.close()));
  expect(passedOver).toBeGreaterThan(0);
  for (const { scans } of workers) expect(scans).toBeGreaterThan(0);
});

/** One thread that ends when it has scanned once, and one that never starts. */
const dying = () => {
  const ended: string[] = [];
  const code = `const { parentPort } = require("node:worker_threads");
    parentPort.once("message", ({ memory }) => { new Uint8Array(memory).fill(7, 1 << 20); throw new Error("it broke"); });
    parentPort.postMessage("ready");`;
  const starts = [code, "syntax error"];
  const threads = new ScanThreads({
    count: 2,
    least: 1,
    onEnded: (why) => ended.push(why),
    start: () => new Worker(starts.shift()!, { eval: true }),
  });
  return { threads, ended };
};

it("nothing is lost when threads end while they scan", async () => {
  const topology = await load(pipelines["filters on records"]!);
  await fc.assert(
    fc.asyncProperty(logs, async (log) => {
      const given = { topology, ...log };
      const { threads, ended } = dying();
      expect(await leftBy(given, { passesOver: true, scanThreads: threads })).toEqual(
        await leftBy(given, { passesOver: true }),
      );
      await threads.close();
      expect(ended).toContain("Unexpected identifier 'error'");
      expect(threads.scans).toBe(0);
    }),
    { numRuns: 2 },
  );
});

describe("alerts, dead letters, counts and checkpoints are the same when records are passed over:", () => {
  const runs = [
    ...Object.entries(pipelines).map(([name, lines]) => [name, lines, logs] as const),
    ["items of a list", [source("json", ", framing: items"), ...headline], requests] as const,
    ["requests with one event", [source("json", ", framing: items"), ...headline], single] as const,
    ["requests with one text", [source("text", ", framing: items"), ...headline], single] as const,
  ];
  it.each(runs)("%s", async (_name, lines, given) => {
    const topology = await load(lines);
    await fc.assert(
      fc.asyncProperty(given, async (log) => {
        const given = { topology, ...log };
        const [fast, full] = [await leftBy(given, { passesOver: true }), await leftBy(given, { passesOver: false })];
        expect(full.left.ended).toEqual({ how: "finished" });
        expect(fast.left).toEqual(full.left);
        expect(full.passedOver).toBe(0);
        passedOver += fast.passedOver;
        for (const scanThreads of workers) expect(await leftBy(given, { passesOver: true, scanThreads })).toEqual(fast);
      }),
      // With WEIR_LONG, as many runs as ten seconds have room for.
      budget(3),
    );
  });
});

it.each<[string, (json: string) => string]>([
  ["lines of a container runtime", (json) => `2026-05-06T07:00:01.123456789Z stdout F ${json}`],
  ["texts of Fluent Bit", (json) => JSON.stringify({ date: 1772438400.000205, log: json })],
  ["texts of Docker", (json) => JSON.stringify({ log: `${json}\n`, stream: "stdout", time: "2026-05-06T07:00:01.1Z" })],
  [
    "records merged with the members of a shipper",
    (json) => `{"date":1.5,"cluster":"prod","hostname":"cp-1",${json.slice(1)}`,
  ],
])("%s are passed over, too", async (_, written) => {
  const topology = await load([source("text"), ...headline]);
  const lines = unwanted.map((data) => `${written(JSON.stringify(data))}\n`);
  const given = { topology, bytes: Buffer.from(lines.join("").repeat(3)), cut: 10_000 };
  const [fast, full] = [await leftBy(given, { passesOver: true }), await leftBy(given, { passesOver: false })];
  expect(fast.left).toEqual(full.left);
  for (const scanThreads of workers) expect(await leftBy(given, { passesOver: true, scanThreads })).toEqual(fast);
  expect(fast.passedOver).toBeGreaterThan(lines.length);
  passedOver += fast.passedOver;
});

it("a member of a shipper whose name is all of a field that each event has is seen", async () => {
  const topology = await load([
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: ${filter("event.action:x", "ecs")}}`,
    sink("a"),
  ]);
  const lines = unwanted.map(
    (data, n) => `${JSON.stringify(n % 2 ? data : { date: 1, "event.action": "x", ...data })}\n`,
  );
  const given = { topology, bytes: Buffer.from(lines.join("")), cut: 10_000 };
  const [fast, full] = [await leftBy(given, { passesOver: true }), await leftBy(given, { passesOver: false })];
  expect(fast.left).toEqual(full.left);
  expect(fast.passedOver).toBeGreaterThan(0);
  passedOver += fast.passedOver;
});
