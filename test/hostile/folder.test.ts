import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readStats, runWeir, temporaryFolder } from "../end-to-end/weir.ts";

const setUp = () => {
  const folder = temporaryFolder();
  const log = join(folder, "log");
  mkdirSync(log);
  const out = join(folder, "out.ndjson");
  const pipeline = pipelineFile(folder, {
    sources: { in: { type: "file", include: [join(log, "*.log")], follow: false, codec: "json" } },
    sinks: { out: { type: "file", inputs: ["in"], path: out } },
  });
  const stats = join(folder, "stats.json");
  const run = async () => {
    const ended = await runWeir(["run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats]);
    expect({ code: ended.code, traces: ended.log.filter(({ msg }) => /^ {4}at /m.test(msg)) }).toEqual({
      code: 0,
      traces: [],
    });
    expectConservation(readStats(stats));
    return { events: readLines(out).map(({ n }) => n), stats: readStats(stats) };
  };
  return { log, run };
};

it("reads the files of a folder in which there are pipes, devices, sockets, loops and folders too", async () => {
  const { log, run } = setUp();
  const path = (name: string) => join(log, name);
  writeFileSync(path("a.log"), '{"n":1}\n');
  writeFileSync(path("z.log"), '{"n":2}\n');
  spawnSync("mkfifo", [path("b.log")]);
  mkdirSync(path("c.log"));
  symlinkSync(path("d.log"), path("d.log"));
  symlinkSync(path("nowhere"), path("e.log"));
  symlinkSync(log, path("f.log"));
  const server = createServer().listen(path("g.log"));
  onTestFinished(() => void server.close());
  // Only root can make one; it never ends.
  spawnSync("mknod", [path("h.log"), "c", "1", "5"]);
  expect((await run()).events.sort()).toEqual([1, 2]);
});

const [line, hole] = process.env["WEIR_LONG"] ? [1024, 10 * 1024] : [24, 64];

it(`a line of ${line} MiB and a hole of ${hole} MiB take no memory, and the lines beside them are read`, async () => {
  const { log, run } = setUp();
  const path = join(log, "a.log");
  writeFileSync(path, '{"n":1}\n');
  const file = openSync(path, "a");
  const piece = Buffer.alloc(1 << 20, "x");
  for (let size = 0; size < line; size++) writeSync(file, piece);
  closeSync(file);
  appendFileSync(path, '\n{"n":2}\n');
  truncateSync(path, line * 2 ** 20 + hole * 2 ** 20);
  appendFileSync(path, '\n{"n":3}\n');
  const { events, stats } = await run();
  expect(events).toEqual([1, 2, 3]);
  expect(stats.components["in"]!.component_dead_letter_events_total).toMatchObject({ line_too_long: 1 });
  expect(stats.peak_memory_bytes).toBeLessThan(400e6);
}, 600_000);
