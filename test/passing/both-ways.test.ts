import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ScanThreads } from "../../src/scan/ahead/scan-threads.ts";
import { cases } from "../fuzz/mutation.ts";
import { inEveryMode } from "./modes.ts";
import { filter, headline, planned, rulesInEql, sink, source, textOf } from "./pipelines.ts";
import { lists, logs, manyTexts, single, unwanted } from "./records.ts";
import { leftBy } from "./run.ts";
import type { Sent } from "./sent.ts";

const { expectTheSame, counted } = inEveryMode();

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
  await fc.assert(
    fc.asyncProperty(logs, async ({ sent }) => {
      const given = { pipeline: planned["filters on records"]!, sent };
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

describe("alerts, dead letters, counts and checkpoints are the same in every mode:", () => {
  const items = (codec: string) => textOf(source(codec, ", framing: items"), ...headline);
  const runs = [
    ...Object.entries(planned).map(([name, pipeline]) => [name, pipeline, logs] as const),
    ["items of a list", items("json"), lists] as const,
    ["requests with one event", items("json"), single] as const,
    ["requests with one text", items("text"), single] as const,
  ];
  it.each(runs)("%s", async (_name, pipeline, inputs) => {
    await fc.assert(
      fc.asyncProperty(inputs, ({ sent, records }) => expectTheSame({ pipeline, sent }, records)),
      cases(1, 3),
    );
  });
});

/** The same lines a few times, in readings. */
const repeated = (lines: readonly string[]): Sent => ({
  by: "readings",
  bytes: Buffer.from(lines.join("").repeat(3)),
  cut: 10_000,
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
  const lines = unwanted.map((data) => `${written(JSON.stringify(data))}\n`);
  const before = counted.passedOver;
  await expectTheSame({ pipeline: textOf(source("text"), ...headline), sent: repeated(lines) }, 3 * lines.length);
  expect(counted.passedOver - before).toBeGreaterThan(lines.length);
});

it("a member of a shipper whose name is all of a field that each event has is seen", async () => {
  const pipeline = textOf(
    source("json"),
    `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, a: ${filter("event.action:x", "ecs")}}`,
    sink("a"),
  );
  const lines = unwanted.map(
    (data, n) => `${JSON.stringify(n % 2 ? data : { date: 1, "event.action": "x", ...data })}\n`,
  );
  const before = counted.passedOver;
  await expectTheSame({ pipeline, sent: repeated(lines) }, 3 * lines.length);
  expect(counted.passedOver).toBeGreaterThan(before);
});

it.each([
  ["cloud.region:eu-1", [{ cloud: { region: "eu-1" } }]],
  ["cloud.region:eu-1", [{ kafka: { topic: "t" } }, { cloud: { region: "eu-1" } }]],
  ["kafka.topic:t", [{ kafka: { topic: "t" } }]],
  ["kubernetes.cronjob.name:c", [{ kubernetes: { cronjob: { name: "c" } } }]],
])("no record is passed over for what its source says of it: %s", async (where, origins) => {
  const lines = unwanted.map((data) => `${JSON.stringify(data)}\n`);
  const pipeline = (more: string) => textOf(source("json", more), `transforms: {a: ${filter(where)}}`, sink("a"));
  const sent = { ...repeated(lines), origins };
  const before = counted.events;
  await expectTheSame({ pipeline: pipeline(", origin: always"), sent }, 3 * lines.length);
  expect(counted.events).toBeGreaterThan(before);
  const passedBefore = counted.passedOver;
  await expectTheSame({ pipeline: pipeline(""), sent }, 3 * lines.length);
  expect(counted.passedOver).toBeGreaterThan(passedBefore);
});

const refusing = 'any where concat(kubernetes.audit.one, kubernetes.audit.other) == "zz"';

it.each<[string, readonly string[]]>([
  ["a rule", [`${refusing} and kubernetes.audit.verb == "get"`]],
  ["rules", new Array(5).fill(`${refusing} and kubernetes.audit.verb == "get"`)],
  [
    "a sequence",
    [`sequence by user.name with maxspan=5m [${refusing} and event.action == "get"] [any where event.action == "get"]`],
  ],
])("events that %s in EQL refuses are counted in every mode", async (_, queries) => {
  const lines = unwanted.map((data) => `${JSON.stringify({ ...data, one: manyTexts, other: manyTexts })}\n`);
  const given = { pipeline: rulesInEql(queries), sent: repeated(lines) };
  await expectTheSame(given, 3 * lines.length);
  const { left } = await leftBy(given, { passesOver: true });
  expect(left.stats["a"]!.component_notes_total).toMatchObject({ overflow: 3 * lines.length * queries.length });
});

it("the order of events is compared at a sink where no inputs meet", async () => {
  const lines = Array.from({ length: 20 }, (_, n) => JSON.stringify({ verb: "get", number: 99 - n }));
  const sent = repeated(lines.map((line) => `${line}\n`));
  const pipeline = textOf(source("json"), `transforms: {a: ${filter("verb:get")}}`, sink("a"));
  const { left } = await leftBy({ pipeline, sent }, { passesOver: true });
  expect(left.kept).toEqual({ out: [...lines, ...lines, ...lines].map((json) => expect.objectContaining({ json })) });
});
