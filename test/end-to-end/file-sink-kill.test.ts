import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { pipelineFile, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const kills = process.env["WEIR_LONG"] ? 20 : 1;
const count = process.env["WEIR_LONG"] ? 6_000 : 2_000;
const pads = ["", "x".repeat(90), "y".repeat(900), "z".repeat(9_000)];
const input = Array.from({ length: count }, (_, n) => `${JSON.stringify({ n, team: n % 3, pad: pads[n % 4] })}\n`);

const outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "a new file": { path: "out.ndjson" },
  "a rotated file": { path: "out.ndjson", rotate: { size: "2MiB", keep: 1000 } },
  "a compressed file": { path: "out.ndjson", rotate: { size: "2MiB", keep: 1000, compress: true } },
  "files by template": { path: "{{ team }}/out.ndjson", rotate: { size: "1MiB", keep: 1000 } },
  "a file from memory": { path: "out.ndjson", buffer: { type: "memory" }, rotate: { size: "4MiB", keep: 1000 } },
};

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** The bytes of all files; those that are renamed or removed meanwhile count as nothing. */
const bytesIn = (folder: string): number =>
  filesIn(folder).reduce((total, file) => total + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);

const contentOf = (file: string): Buffer =>
  file.endsWith(".gz") ? gunzipSync(readFileSync(file)) : readFileSync(file);

describe("after kills within its writes, the file sink leaves no incomplete line, and no event is missing:", () => {
  it.each(Object.entries(outputs).slice(process.env["WEIR_LONG"] ? 0 : 3))("%s", async (name, { path, ...options }) => {
    const folder = temporaryFolder();
    const out = temporaryFolder();
    writeFileSync(join(folder, "in.ndjson"), input.join(""));
    const file = pipelineFile(folder, {
      sources: { in: { type: "file", include: [join(folder, "in.ndjson")], follow: false, codec: "json" } },
      sinks: { out: { type: "file", inputs: ["in"], path: join(out, String(path)), ...options } },
    });
    const args = ["run", file, "--data-dir", join(folder, "data")];
    let torn = 0;
    for (let life = 0; life < kills; life++) {
      const weir = startWeir(args);
      const before = bytesIn(out);
      const more = life % 2 === 0 ? 1 : Math.ceil(Math.random() * 2_000_000);
      while (weir.isAlive && bytesIn(out) < before + more) await sleep(1);
      await weir.stop("SIGKILL");
      const left = filesIn(out).filter((file) => !/\.gz(\.tmp)?$/.test(file));
      if (left.map(contentOf).some((bytes) => bytes.length > 0 && bytes.at(-1) !== 10)) torn++;
    }
    if (process.env["WEIR_LONG"]) console.log(`${name}: ${torn} of ${kills} kills left an incomplete line`);
    expect(await runWeir(args)).toMatchObject({ code: 0 });
    const found = new Set<number>();
    for (const file of filesIn(out).filter((file) => !file.endsWith(".tmp"))) {
      const text = contentOf(file).toString();
      expect(text === "" || text.endsWith("\n"), file).toBe(true);
      for (const line of text.split("\n").slice(0, -1)) found.add((JSON.parse(line) as { n: number }).n);
    }
    expect(found.size).toBe(count);
  });
});

/** Runs `mount` for the test; `false` if it is not allowed here. */
const mount = (...args: readonly string[]): boolean => spawnSync("mount", args).status === 0;

it("a full disk leaves no incomplete line either, before and after a kill, and no event is missing or repeated", async ({
  skip,
}) => {
  const folder = temporaryFolder();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  if (!mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", disk)) return skip("a small disk cannot be mounted here");
  onTestFinished(() => void spawnSync("umount", ["-l", disk]));
  const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify({ n, pad: "x".repeat(n % 1_500) }));
  writeFileSync(join(folder, "in.ndjson"), `${lines.join("\n")}\n`);
  const out = join(disk, "out.ndjson");
  const pipeline = (follow: boolean) =>
    pipelineFile(folder, {
      sources: { in: { type: "file", include: [join(folder, "in.ndjson")], follow, codec: "json" } },
      sinks: { out: { type: "file", inputs: ["in"], path: out, retry: { initial: "10ms", max: "10ms" } } },
    });
  const run = (follow: boolean) => ["run", pipeline(follow), "--data-dir", join(folder, "data")];
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    const weir = startWeir([...run(true), "--drain", "1s"]);
    await weir.said("delivery of");
    await weir.stop(signal);
    if (signal === "SIGTERM") expect((await weir.ended).code).toBe(0);
    const text = readFileSync(out, "utf8");
    // A kill can come between the write and its removal; an ordinary stop cannot.
    if (signal === "SIGTERM") expect(text === "" || text.endsWith("\n")).toBe(true);
  }
  expect(mount("-o", "remount,size=64m", disk)).toBe(true);
  expect(await runWeir(run(false))).toMatchObject({ code: 0 });
  expect(readFileSync(out, "utf8")).toBe(`${lines.join("\n")}\n`);
});
