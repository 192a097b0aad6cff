import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../testing/index.ts";
import { openPipe, PipeLog } from "./pipe-log.ts";

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

const folder = () => mkdtempSync(join(tmpdir(), "weir-pipe-"));

/** A pipe that is open at both ends, and what is in it. */
const pipe = () => {
  const path = join(folder(), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY);
  onTestFinished(() => [reader, writer].forEach(closeSync));
  const block = Buffer.alloc(1 << 20);
  /** Reads all that is there now. */
  const read = (): string => {
    let text = "";
    for (;;)
      try {
        text += block.toString("latin1", 0, readSync(reader, block));
      } catch {
        return text;
      }
  };
  return { writer, read };
};

it.runIf(process.platform === "linux")("writes at once, and never waits for the reader", async () => {
  const { writer, read } = pipe();
  let lost = 0;
  const log = new PipeLog(openPipe(writer)!, (count) => {
    lost += count;
  });
  log.write("first\n");
  expect(read()).toBe("first\n");
  const lines = Array.from({ length: 30_000 }, (_, index) => `${index} ${"x".repeat(index % 7_000)}\n`);
  for (const line of lines) log.write(line);
  let text = "";
  while (lost === 0) {
    text += read();
    await systemClock.sleep(10);
  }
  const got = (text + read()).split("\n").slice(0, -1);
  expect(got).toEqual(lines.slice(0, got.length).map((line) => line.slice(0, -1)));
  expect(got.length + lost).toBe(lines.length);
  // The pipe itself holds 64 KiB.
  expect(text.length).toBeGreaterThan(1 << 20);
  log.write("last\n");
  expect(read()).toBe("last\n");
});

it("goes on when the reader has gone", () => {
  const path = join(folder(), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const log = new PipeLog(openSync(path, O_WRONLY), () => undefined);
  closeSync(reader);
  for (let count = 0; count < 10; count++) log.write("nobody reads this\n");
  log.end();
});

it("is only for pipes", () => {
  const fd = openSync(join(folder(), "file"), "w");
  expect(openPipe(fd)).toBeUndefined();
  closeSync(fd);
});

it.runIf(process.platform === "linux")("a run whose messages nobody reads stops at SIGTERM", async () => {
  const { writer, read } = pipe();
  const module = fileURLToPath(new URL("log.ts", import.meta.url));
  const script = `import { openLog } from ${JSON.stringify(module)};
    const log = (await openLog("debug", "json"))("in");
    process.on("SIGTERM", () => process.exit(7));
    for (let count = 0; count < 10_000; count++) log.debug("x".repeat(1_000));
    process.stdout.write("written");
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", writer] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([7, null]);
  expect(read()).toMatch(/^\{"level":"debug",/);
});
