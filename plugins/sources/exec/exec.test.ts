import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { flaws, logRecorder, type ReadOptions, readSource, recordingHost } from "weir/testing";
import source from "./index.ts";

const defaults = { environment: {}, restart: "never", backoff: { initial: 1, max: 20 } };
const shell = (script: string) => ["sh", "-c", script];

/** Reads until the source ends, or until there are so many lines. */
const linesOf = async (config: Record<string, unknown>, most = 1_000, options: Partial<ReadOptions> = {}) => {
  const host = recordingHost();
  const stop = new AbortController();
  const readings = readSource(source, { config: { ...defaults, ...config }, signal: stop.signal, ...options });
  for await (const reading of readings) {
    host.take(reading);
    if (host.lines.length >= most) stop.abort();
  }
  return { texts: host.lines.map(({ text }) => text), host };
};

it("is well formed", () => expect(flaws(source)).toEqual([]));

it("reads what a command prints, in its folder, with its variables", async () => {
  const command = shell('pwd; echo "$MINE"; printf "no end"');
  const { texts, host } = await linesOf({ command, working_directory: "/", environment: { MINE: "a b" } });
  expect(texts).toEqual(["/", "a b", "no end"]);
  expect(host.checkpoints.size).toBe(0);
});

it("forgets what an earlier process read", async () => {
  const checkpoints = new Map([["old", { position: 12, detail: null }]]);
  const readings = [];
  for await (const reading of readSource(source, { config: { ...defaults, command: ["true"] }, checkpoints }))
    readings.push(reading);
  expect(readings[0]).toMatchObject({ stream: "old", position: 12, forget: true });
});

it.each([
  ["always", "exit 0", true],
  ["always", "exit 3", true],
  ["on_failure", "exit 0", false],
  ["on_failure", "kill -9 $$", true],
  ["never", "exit 3", false],
] as const)("with restart: %s, after %s, the command is started again: %s", async (restart, end, isAgain) => {
  const { texts } = await linesOf({ command: shell(`echo run; ${end}`), restart }, 3);
  expect(texts).toHaveLength(isAgain ? 3 : 1);
});

it("runs a command at intervals, also one that fails", async () => {
  const { texts } = await linesOf({ command: shell("echo run; exit 1"), interval: 20 }, 3);
  expect(texts).toEqual(["run", "run", "run"]);
});

it.each([
  [["/no/such/program"], 'the command "/no/such/program" does not exist'],
  [["/"], 'this user is not allowed to run the command "/"'],
  [shell("exit 7"), 'the command "sh" exited with code 7'],
])("says what is wrong with %j", async (command, message) => {
  const log = logRecorder();
  await linesOf({ command }, 1, { log });
  expect(log.lines.map((entry) => entry.message).join("\n")).toContain(message);
});

it("logs standard error, and not without limit", async () => {
  const log = logRecorder();
  await linesOf({ command: shell("yes oops | head -n 1000 >&2; head -c 100000 /dev/zero | tr '\\0' x >&2") }, 1, {
    log,
  });
  const said = log.lines.filter(({ message }) => message.startsWith("the command wrote to standard error: oops"));
  expect(said).toHaveLength(10);
  expect(said.every(({ level }) => level === "warn")).toBe(true);
});

it("ends a run that takes too long, and everything that it has started", async () => {
  const command = shell("echo run; sleep 1000 | cat");
  const { texts } = await linesOf({ command, run_timeout: 100, restart: "always" }, 2);
  expect(texts).toEqual(["run", "run"]);
});

it("ends the command when it is stopped, also one that does not print", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-exec-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const stop = new AbortController();
  const command = shell(`echo $$ > ${folder}/pid; echo started; exec sleep 1000`);
  for await (const reading of readSource(source, { config: { ...defaults, command }, signal: stop.signal }))
    if (reading.bytes.length > 0) stop.abort();
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

/** Whether a process is there, and has not ended. */
const runs = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] !== "Z";
  } catch {
    return false;
  }
};

/** A process closes its files a moment before it counts as ended; SIGKILL would come after five seconds. */
const hasEnded = (pid: string) => vi.waitUntil(() => !runs(Number(readFileSync(pid, "utf8"))), { timeout: 2_000 });

it.skipIf(process.platform !== "linux").each([
  ["closes its output and goes on", (pid: string) => `echo $$ > ${pid}; echo started; exec >&-; exec sleep 1000`],
  [
    "has started another that holds its standard error",
    (pid: string) => `sleep 1000 >&- & echo $! > ${pid}; echo started`,
  ],
])("ends a command that %s, when it is stopped and when it takes too long", async (_, script) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-exec-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pid = join(folder, "pid");
  const command = shell(script(pid));
  const stop = new AbortController();
  const log = logRecorder();
  // Its output has ended by then.
  for await (const { bytes } of readSource(source, { config: { ...defaults, command }, signal: stop.signal, log }))
    if (bytes.length > 0) setTimeout(() => stop.abort(), 200);
  await hasEnded(pid);
  const { texts } = await linesOf({ command, run_timeout: 200 }, 2, { log });
  expect(texts).toEqual(["started"]);
  await hasEnded(pid);
});
