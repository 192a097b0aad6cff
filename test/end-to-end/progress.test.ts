import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pipelineFile, readStats, root, runWeir, temporaryFolder } from "./weir.ts";

const hasTerminals = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

const setUp = () => {
  const folder = temporaryFolder();
  const stats = join(folder, "stats.json");
  writeFileSync(join(folder, "slow.ts"), slowPlugin);
  writeFileSync(join(folder, "in.log"), '{"a":"some text to read"}\n'.repeat(100_000));
  const pipeline = pipelineFile(folder, {
    plugins: ["./slow.ts"],
    sources: { in: { type: "file", include: [join(folder, "in.log")], follow: false, codec: "json" } },
    transforms: { slow: { type: "slow", inputs: ["in"] } },
    sinks: { gone: { type: "blackhole", inputs: ["slow"] } },
  });
  return { args: ["run", pipeline, "--temporary", "--stats", stats], stats };
};

const slowPlugin = `import { defineTransform } from "weir";
// It waits without using a core.
const pause = new Int32Array(new SharedArrayBuffer(4));
export default defineTransform({
  name: "slow",
  summary: "Takes two milliseconds for every hundredth event.",
  options: {},
  each: () => {
    let count = 0;
    return (event) => {
      if (count++ % 100 === 0) Atomics.wait(pause, 0, 0, 2);
      if (count === 25_000) throw new Error("for the log");
      return event;
    };
  },
});
`;

it.runIf(hasTerminals)("a terminal shows how far a file is read, apart from the log, and nothing is left of it", () => {
  const { args, stats } = setUp();
  const bin = join(root, "bin/weir.js");
  const command = `stty rows 10 cols 100; "${process.execPath}" "${bin}" ${args.map((arg) => `"${arg}"`).join(" ")}`;
  const { stdout, status } = spawnSync("script", ["-qec", command, "/dev/null"], {
    encoding: "utf8",
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1" },
  });
  expect(status).toBe(0);
  const drawn = [...stdout.matchAll(/\r\u001b\[2K(reading: [^\r\n]*)/g)].map(([, text]) => text!);
  expect(drawn.length).toBeGreaterThan(1);
  expect(drawn[0]).toMatch(/^reading: \d+ %, [\d.]+ (bytes|KiB|MiB) of 2\.5 MiB/);
  expect(drawn.at(-1)).toMatch(
    /^reading: \d+ %, [\d.]+ (KiB|MiB) of 2\.5 MiB, [\d.]+ (KiB|MiB|bytes)\/s(, \d+s left)?$/,
  );
  // What stays on the terminal: on each line, the text after the last erasure.
  const left = stdout.split("\n").map((line) => line.split("\u001b[2K").at(-1)!);
  expect(left.join("\n")).not.toContain("reading:");
  expect(left.find((line) => line.includes("for the log"))).toMatch(/^\[[\d:.]+\] WARN: /);
  expect(readStats(stats).components["in"]).toMatchObject({
    component_progress_bytes: 2_600_000,
    component_progress_total_bytes: 2_600_000,
  });
});

it("without a terminal, nothing but the log is printed", async () => {
  const { args } = setUp();
  const { code, log } = await runWeir(args);
  expect(code).toBe(0);
  expect(log.filter(({ level }) => level === "none")).toEqual([]);
});
