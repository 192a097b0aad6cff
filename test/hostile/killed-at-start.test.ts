import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readStats, runWeir, startWeir, temporaryFolder } from "../end-to-end/weir.ts";

const [kills, count] = process.env["WEIR_LONG"] ? [100, 20_000] : [2, 1_000];
/** A start and the first commits take about this long, in milliseconds. */
const startTime = 600;

it(`${kills} kills while weir starts on the same data dir lose nothing`, async () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const lines = Array.from({ length: count }, (_, n) => `{"n":${n},"user":{"name":"u${n % 7}"}}`);
  writeFileSync(path("in.log"), `${lines.join("\n")}\n`);
  const pipeline = (follow: boolean) =>
    pipelineFile(folder, {
      sources: { in: { type: "file", include: [path("in.log")], codec: "json", follow } },
      transforms: { first: { type: "new_terms", inputs: ["in"], fields: ["user.name"], window: "7d" } },
      sinks: {
        all: { type: "file", inputs: ["in"], path: path("all.ndjson") },
        firsts: { type: "file", inputs: ["first"], path: path("firsts.ndjson") },
      },
    });
  const args = (follow: boolean) => [
    "run",
    pipeline(follow),
    "--data-dir",
    path("data"),
    "--stats",
    path("stats.json"),
  ];
  for (let kill = 0; kill < kills; kill++) {
    const weir = startWeir(args(true));
    await sleep((startTime * (kill + 0.5)) / kills);
    expect(await weir.stop("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
  }
  expect(await runWeir(args(false))).toMatchObject({ code: 0 });
  expectConservation(readStats(path("stats.json")));
  const numbers = new Set(readLines(path("all.ndjson")).map(({ n }) => n));
  expect(lines.map((_, n) => n).filter((n) => !numbers.has(n))).toEqual([]);
  // The sink may write an event twice, but the first of each user is always the same one.
  const firsts = new Set(readLines(path("firsts.ndjson")).map(({ n }) => n));
  expect([...firsts].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
}, 180_000);
