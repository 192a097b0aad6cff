import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { answers, pipelineFile, root, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const setUp = async () => {
  const folder = temporaryFolder();
  const [log, dataDir] = [join(folder, "in.log"), join(folder, "data")];
  const pipeline = pipelineFile(folder, {
    sources: { numbers: { type: "file", include: [log], codec: "json" } },
    sinks: { gone: { type: "blackhole", inputs: ["numbers"] } },
  });
  writeFileSync(log, "");
  const run = startWeir(["run", pipeline, "--data-dir", dataDir]);
  await answers(dataDir);
  const writing = setInterval(() => appendFileSync(log, '{"a":1}\n'.repeat(100)), 20);
  onTestFinished(() => clearInterval(writing));
  return { run, dataDir };
};

it("top prints rates after each interval when it is piped, until weir ends", async () => {
  const { run, dataDir } = await setUp();
  const once = await runWeir(["top", "--once", "--interval", "500ms", "--data-dir", dataDir]);
  expect(once).toMatchObject({ code: 0, log: [] });
  expect(once.out).toMatch(/^weir \S+, process \d+, running for \d+s, memory [\d.]+ MiB, /);
  expect(once.out).toMatch(/^COMPONENT +TYPE +IN\/S +OUT\/S +BYTES\/S/m);
  expect(once.out).toMatch(/^numbers +source file +[1-9][\d.]*k? +[1-9][\d.]*k? +[1-9][\d.]* (bytes|KiB)/m);
  expect(once.out).not.toContain("\u001b");
  const top = startWeir(["top", "--interval", "200ms", "--data-dir", dataDir]);
  let text = "";
  await new Promise<void>((resolve) =>
    top.child.stdout!.on("data", (part: string) => {
      text += part;
      if (text.split("COMPONENT").length > 3) resolve();
    }),
  );
  await run.stop("SIGTERM");
  const { code, log } = await top.ended;
  expect(code).toBe(0);
  expect(log.map(({ msg }) => msg)).toEqual([`The weir on "${dataDir}" has ended.`]);
  expect(await runWeir(["top", "--data-dir", dataDir])).toMatchObject({ code: 1, out: "" });
});

/** `script` of util-linux gives a command a terminal. */
const hasTerminals = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") === true;

it.runIf(hasTerminals)(
  "top on a terminal redraws its table, ends with q, and leaves the terminal as it was",
  async () => {
    const { run, dataDir } = await setUp();
    const bin = join(root, "bin/weir.js");
    const command = `stty rows 10 cols 60; "${process.execPath}" "${bin}" top --data-dir "${dataDir}"; echo "code $?"; stty -a`;
    const terminal = spawn("script", ["-qec", command, "/dev/null"], {
      env: { ...process.env, TERM: "xterm", NO_COLOR: "1" },
    });
    let text = "";
    const drawn = new Promise<void>((resolve) =>
      terminal.stdout.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.split("COMPONENT").length > 3) resolve();
      }),
    );
    await drawn;
    terminal.stdin.write("q");
    await once(terminal, "close");
    const [before, shown, after] = text.split(/\u001b\[\?1049[hl]/);
    expect(before).toBe("");
    expect(shown).toContain("numbers");
    for (const [, line] of shown!.matchAll(/\u001b\[2K([^\r\u001b]*)/g)) expect(line!.length).toBeLessThanOrEqual(60);
    expect(after).toContain("code 0");
    expect(after).toMatch(/[^-]icanon/);
    await run.stop("SIGTERM");
  },
);
