import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { expectConservation } from "./conservation.ts";
import { pipelineFile, readLinesSoFar, readStats, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const inFolder = () => {
  const folder = temporaryFolder();
  return { folder, path: (name: string) => join(folder, name) };
};

const numbers = [
  "9007199254740993",
  "9007199254740992",
  "-123456789012345678901234567890",
  "1717236000123456789",
  "1e400",
  "0.1000000000000000055",
];

it("numbers arrive with their digits in records, alerts and names of files, and are different users", async () => {
  const { folder, path } = inFolder();
  writeFileSync(path("in.log"), numbers.map((id) => `{"id":${id},"deep":[{"same":${id}}],"one":1.0}\n`).join(""));
  const rule = {
    id: "7a0f0b53-64a5-4a2e-9b0b-6a1a0d3c9b11",
    version: 1,
    title: "New id",
    description: "A new id.",
    type: "new_terms",
    query: "id:*",
    new_terms: { fields: ["id"], window: "7d" },
    severity: "low",
    risk_score: 21,
    created: "2026-01-01",
  };
  writeFileSync(path("rule.yaml"), JSON.stringify(rule));
  const pipeline = pipelineFile(folder, {
    sources: { in: { type: "file", include: [path("in.log")], codec: "json", follow: false } },
    transforms: {
      one: { type: "filter", inputs: ["in"], where: `id:${numbers[0]}` },
      fresh: { type: "new_terms", inputs: ["in"], fields: ["id"] },
      alerts: { type: "detection", inputs: ["in"], rules: [path("rule.yaml")] },
    },
    sinks: {
      all: { type: "file", inputs: ["in"], path: path("all.ndjson") },
      matched: { type: "file", inputs: ["one"], path: path("one.ndjson") },
      alerted: { type: "file", inputs: ["alerts"], path: path("alerts.ndjson") },
      named: { type: "file", inputs: ["fresh"], path: path("id-{{ id }}.ndjson") },
    },
  });
  const { code } = await runWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  expect(code).toBe(0);
  expectConservation(readStats(path("stats.json")));
  const text = (name: string) => readFileSync(path(name), "utf8");
  expect(text("all.ndjson")).toBe(text("in.log"));
  expect(text("one.ndjson")).toBe(`${text("in.log").split("\n")[0]}\n`);
  for (const [index, id] of numbers.entries()) {
    expect(text("alerts.ndjson").split("\n")[index]).toContain(`"id":${id},"deep":[{"same":${id}}],"one":1`);
    expect(text(`id-${id}.ndjson`)).toContain(`{"id":${id},`);
  }
});

it("a followed log in UTF-16 is read to the letter, through kills, half characters, rotation and compression", async () => {
  const { folder, path } = inFolder();
  const [log, old, out] = [path("app.log"), path("app-1.log"), path("out.ndjson")];
  const pipeline = pipelineFile(folder, {
    sources: {
      log: { type: "file", include: [log], rotated: [path("app-*.log"), path("app-*.log.gz")], poll_interval: "50ms" },
    },
    sinks: { out: { type: "file", inputs: ["log"], path: out } },
  });
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")];
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index} äĊ\u0a0a\u0d0a😀`);
  const bytes = (from: number, to: number, mark = "") =>
    Buffer.from(
      mark +
        lines
          .slice(from, to)
          .map((line) => `${line}\r\n`)
          .join(""),
      "utf16le",
    );
  /** The sink writes again what it had written when weir was killed. */
  const read = () => [...new Set(readLinesSoFar(out).map(({ message }) => message))];
  const until = async (count: number) => {
    while (read().length < count) await sleep(20);
  };
  const first = bytes(0, 20, "\ufeff");
  const cut = 2 + bytes(0, 9).length + 7;

  writeFileSync(log, first.subarray(0, cut));
  let weir = startWeir(args);
  await until(9);
  await weir.stop("SIGKILL");
  appendFileSync(log, first.subarray(cut));
  weir = startWeir(args);
  await until(20);
  appendFileSync(log, bytes(20, 30));
  renameSync(log, old);
  writeFileSync(log, bytes(30, 40, "\ufeff").swap16());
  await until(40);
  await weir.stop("SIGKILL");
  appendFileSync(log, bytes(40, 50).swap16());
  renameSync(log, path("app-2.log"));
  writeFileSync(path("app-2.log.gz"), gzipSync(readFileSync(path("app-2.log"))));
  renameSync(path("app-2.log"), path("hidden"));
  writeFileSync(log, bytes(50, 60, "\ufeff"));
  weir = startWeir(args);
  await until(60);
  await weir.stop("SIGTERM");
  expectConservation(readStats(path("stats.json")));
  expect(read()).toEqual(lines);
});

it("bytes that are not valid are counted and logged, kept in the event, or in the dead letter", async () => {
  const { folder, path } = inFolder();
  const records = [
    Buffer.from('{"a":"ok"}'),
    Buffer.from('{"a":"\xff\xfe"}', "latin1"),
    Buffer.from('{"a":"\\ud800"}'),
  ];
  writeFileSync(path("in.log"), Buffer.concat(records.flatMap((record) => [record, Buffer.from("\n")])));
  const types = ["replace", "keep", "reject"];
  const each = <T>(one: (type: string) => T) => Object.fromEntries(types.map((type) => [type, one(type)]));
  const pipeline = pipelineFile(folder, {
    sources: each((type) => ({
      type: "file",
      include: [path("in.log")],
      codec: "json",
      follow: false,
      invalid_text: type,
    })),
    sinks: Object.fromEntries(types.map((type) => [`${type}_out`, { type: "file", inputs: [type], path: path(type) }])),
  });
  const { code, log } = await runWeir(["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")]);
  expect(code).toBe(0);
  const stats = readStats(path("stats.json"));
  expectConservation(stats);
  for (const type of types) expect(stats.components[type]!.component_notes_total).toEqual({ invalid_text: 1 });
  expect(log.filter(({ msg }) => msg.includes("bytes that are not valid utf-8")).length).toBe(3);
  const [ok, , surrogate] = records.map(String);
  const encoded = records[1]!.toString("base64");
  expect(readFileSync(path("replace"), "utf8")).toBe(`${ok}\n{"a":"\ufffd\ufffd"}\n${surrogate}\n`);
  expect(readFileSync(path("keep"), "utf8")).toBe(
    `${ok}\n{"a":"\ufffd\ufffd","raw_base64":"${encoded}"}\n${surrogate}\n`,
  );
  expect(readFileSync(path("reject"), "utf8")).toBe(`${ok}\n${surrogate}\n`);
  expect(readDeadLetters(path("data")).map(({ head, data }) => [head.reason, data.raw_base64])).toEqual([
    ["invalid_text", encoded],
  ]);
});
