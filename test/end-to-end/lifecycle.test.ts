import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation, expectEdge } from "./conservation.ts";
import { pipelineFile, readLines, readLinesSoFar, readStats, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const numbered = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => `${JSON.stringify({ number: from + index })}\n`).join("");

const numbersIn = (path: string): unknown[] => readLines(path).map(({ number }) => number);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** A log of numbered events into a file. */
const setUp = ({ follow = true, sinkPath = "out.ndjson" } = {}) => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const files = { log: path("in.log"), out: path(sinkPath), stats: path("stats.json"), dataDir: path("data") };
  const pipelineWith = (followNow: boolean) =>
    pipelineFile(folder, {
      sources: { numbers: { type: "file", include: [files.log], codec: "json", follow: followNow } },
      sinks: { kept: { type: "file", inputs: ["numbers"], path: files.out } },
    });
  const args = ["run", pipelineWith(follow), "--data-dir", files.dataDir, "--stats", files.stats];
  return { ...files, path, args, pipelineWith };
};

const outGrows = async (out: string, beyond = 0): Promise<void> => {
  while (readLinesSoFar(out).length <= beyond) await sleep(5);
};

it("ends by itself when every source has ended and all is delivered; L3", async () => {
  const { args, log, out, stats } = setUp({ follow: false });
  writeFileSync(log, `${numbered(3)}no JSON\n\n[1]\n${numbered(2, 3)}`);
  expect(await runWeir(args)).toMatchObject({ code: 0, signal: null, out: "" });
  expect(numbersIn(out)).toEqual(upTo(5));

  const counted = readStats(stats);
  expectConservation(counted);
  expectEdge(counted, ["numbers"], "kept");
  expect(counted).toMatchObject({
    components: {
      numbers: {
        kind: "source",
        type: "file",
        component_received_events_total: 7,
        component_received_bytes_total: Buffer.byteLength(`${numbered(5)}no JSON\n\n[1]\n`),
        component_sent_events_total: 5,
        component_dead_letter_events_total: { not_json: 1, not_an_object: 1 },
      },
      kept: { kind: "sink", type: "file", component_received_events_total: 5, component_sent_events_total: 5 },
    },
    commit_retries_total: 0,
    outbox_bytes: { kept: 0 },
  });
  expect(counted.outbox_bytes["dead_letter"]).toBeGreaterThan(0);
  expect(counted.commits_total).toBeGreaterThan(0);
  expect(counted.peak_memory_bytes).toBeGreaterThan(2 ** 20);
});

it("SIGTERM drains: what was read is delivered, and the next start goes on right there; L3", async () => {
  const { args, log, out, stats, pipelineWith } = setUp();
  const count = 50_000;
  writeFileSync(log, numbered(count));
  const weir = startWeir(args);
  await outGrows(out);
  const { code } = await weir.stop("SIGTERM");
  expect(code).toBe(0);

  const counted = readStats(stats);
  expectConservation(counted);
  expectEdge(counted, ["numbers"], "kept");
  const read = counted.components["numbers"]!.component_sent_events_total;
  expect(numbersIn(out)).toEqual(upTo(read));

  pipelineWith(false);
  expect((await runWeir(args)).code).toBe(0);
  const rest = readStats(stats);
  expectConservation(rest);
  expect(rest.components["numbers"]!.component_sent_events_total).toBe(count - read);
  expect(numbersIn(out)).toEqual(upTo(count));
});

it("SIGINT stops just the same", async () => {
  const { args, log, out } = setUp();
  writeFileSync(log, numbered(10));
  const weir = startWeir(args);
  await outGrows(out, 9);
  expect((await weir.stop("SIGINT")).code).toBe(0);
  expect(numbersIn(out)).toEqual(upTo(10));
});

it("a second weir on the same data dir is refused, and the first goes on", async () => {
  const { args, log, out, dataDir } = setUp();
  writeFileSync(log, numbered(5));
  const first = startWeir(args);
  await outGrows(out, 4);
  const { code, log: said } = await runWeir(args);
  expect({ code, said: said.map(({ level, msg }) => `${level}: ${msg}`) }).toEqual({
    code: 1,
    said: [`error: the data dir "${dataDir}" is in use by another weir. Stop that process, or use another --data-dir.`],
  });
  writeFileSync(log, numbered(5, 5), { flag: "a" });
  await outGrows(out, 9);
  expect((await first.stop("SIGTERM")).code).toBe(0);
  expect(numbersIn(out)).toEqual(upTo(10));
});

it("a pipeline with errors ends with 78 before anything is made", async () => {
  const { path, dataDir } = setUp();
  const broken = pipelineFile(path("."), {
    sources: { numbers: { type: "file", include: ["in.log"] } },
    sinks: { kept: { type: "file", inputs: ["nubmers"], path: path("never.ndjson") } },
  });
  const { code, out, log } = await runWeir(["run", broken, "--data-dir", dataDir]);
  expect({ code, out }).toEqual({ code: 78, out: "" });
  expect(log.map(({ msg }) => msg).join("\n")).toContain('Did you mean "numbers"?');
  expect(() => mkdirSync(dataDir)).not.toThrow();
});

it("a sink whose directory appears later gets everything then", async () => {
  const { args, log, out, stats, path } = setUp({ follow: false, sinkPath: "later/deep/out.ndjson" });
  writeFileSync(log, numbered(50));
  // A file where the directory is to be: nothing can be made below it.
  writeFileSync(path("later"), "");
  const weir = startWeir(args);
  await weir.said("cannot open the sink");
  rmSync(path("later"));
  expect((await weir.ended).code).toBe(0);
  expect(numbersIn(out)).toEqual(upTo(50));
  expectConservation(readStats(stats));
});

it("what a sink cannot take within the deadline stays on disk for the next start; L3", async () => {
  const { args, log, out, stats, path, dataDir, pipelineWith } = setUp({ sinkPath: "later/out.ndjson" });
  writeFileSync(log, numbered(50));
  writeFileSync(path("later"), "");
  const weir = startWeir([...args, "--drain", "100ms"]);
  await weir.said("cannot open the sink");
  while (!existsSync(join(dataDir, "outboxes", "kept", "0000000001.segment"))) await sleep(5);
  const { code, log: said } = await weir.stop("SIGTERM");
  expect(code).toBe(0);
  expect(said.map(({ msg }) => msg).join("\n")).toMatch(/\d+ bytes for "kept" were not delivered/);
  const stopped = readStats(stats);
  expect(stopped.components["kept"]).toMatchObject({ component_in_flight_events: 50, unbalanced_events: 0 });

  rmSync(path("later"));
  pipelineWith(false);
  expect((await runWeir(args)).code).toBe(0);
  expect(numbersIn(out)).toEqual(upTo(50));
  const counted = readStats(stats);
  expectConservation(counted);
  // Found undelivered at the start, and not read again.
  expect(counted.components["kept"]).toMatchObject({
    component_received_events_total: 0,
    component_created_events_total: 50,
    component_sent_events_total: 50,
  });
});
