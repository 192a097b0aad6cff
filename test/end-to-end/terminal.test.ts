import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { globSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { pipelineFile, root, startWeir, temporaryFolder } from "./weir.ts";

const bin = join(root, "bin/weir.js");

/** A source that never ends. */
const endless = (folder: string): string =>
  pipelineFile(folder, {
    sources: { in: { type: "file", include: [join(folder, "*.log")] } },
    sinks: { gone: { type: "blackhole", inputs: ["in"] } },
  });

it.each([["demo"], ["run", "examples/demo.yaml", "--temporary"]])(
  "weir %s says when there is no room for temporary files",
  (...args) => {
    const parent = join(temporaryFolder(), "gone");
    const env = { ...process.env, TMPDIR: parent };
    const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, env, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toBe(
      `No folder for temporary files can be made in "${parent}" (ENOENT). Name another folder with TMPDIR.\n`,
    );
  },
);

describe("a closed pipe", () => {
  it.each(["rules list", "list", "--help"])("on standard output ends `weir %s` quietly", (command) => {
    const script = `"${process.execPath}" "${bin}" ${command} | true`;
    expect(spawnSync("sh", ["-c", script], { cwd: root, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  /** Runs a script in which `weir` is the command; gives its output, and the exit code of the first command in its pipe. */
  const shell = (script: string) =>
    spawnSync("bash", ["-c", `weir() { "${process.execPath}" "${bin}" "$@"; }; ${script}; exit "\${PIPESTATUS[0]}"`], {
      cwd: root,
      encoding: "utf8",
    });

  it("on standard output ends a run: the rest stays for the next one, and other sinks get everything", () => {
    const folder = temporaryFolder();
    const events = Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ n }));
    writeFileSync(join(folder, "in.log"), `${events.join("\n")}\n`);
    const pipeline = (follow: boolean) =>
      pipelineFile(folder, {
        sources: { in: { type: "file", include: [join(folder, "in.log")], follow, codec: "json" } },
        sinks: {
          seen: { type: "console", inputs: ["in"] },
          kept: { type: "file", inputs: ["in"], path: join(folder, "kept") },
        },
      });
    const run = (follow: boolean) => `weir run "${pipeline(follow)}" --data-dir "${folder}/data" --log-format json`;
    const first = shell(`${run(true)} | head -1`);
    expect(first).toMatchObject({ status: 0, stdout: '{"n":0}\n' });
    const log = first.stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { level: string; msg: string });
    expect(log.filter(({ level }) => level !== "info")).toEqual([]);
    const said = log.map(({ msg }) => msg).join("\n");
    expect(said).toContain("the program that reads standard output has exited. weir stops");
    expect(said).toMatch(/bytes for "seen" were not delivered; they stay in the data dir for the next start/);
    const second = shell(run(false));
    expect(second.status).toBe(0);
    // What was in the pipe when its reader exited counts as printed.
    const printed = second.stdout.trimEnd().split("\n");
    expect(printed.length).toBeGreaterThan(10_000);
    expect(printed).toEqual(events.slice(-printed.length));
    expect(readFileSync(join(folder, "kept"), "utf8").trimEnd().split("\n")).toEqual(events);
  });

  it.each(["memory", "required"])("on standard output ends a run that keeps events in memory: %s", (kind) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "in.log"), "line\n".repeat(50_000));
    const file = pipelineFile(folder, {
      sources: { in: { type: "file", include: [join(folder, "in.log")], origin: "never", follow: true } },
      sinks: {
        seen: {
          type: "console",
          inputs: ["in"],
          ...(kind === "memory" ? { buffer: { type: "memory" } } : { required: false }),
        },
      },
    });
    expect(shell(`weir run "${file}" --temporary | head -1`)).toMatchObject({
      status: 0,
      stdout: '{"message":"line"}\n',
    });
  });

  it("on standard output ends the other commands quietly, whatever they print", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "in.log"), "not json\n".repeat(3_000));
    const file = pipelineFile(folder, {
      sources: { in: { type: "file", include: [join(folder, "in.log")], follow: false, codec: "json" } },
      sinks: { out: { type: "blackhole", inputs: ["in"] } },
    });
    const data = `--data-dir "${folder}/data"`;
    expect(shell(`weir run "${file}" ${data} 2>"${folder}/log"`).status).toBe(0);
    const { status, stdout, stderr } = shell(`weir dead-letters list ${data} | head -2`);
    expect({ status, lines: stdout.split("\n").length }).toEqual({ status: 0, lines: 3 });
    // It may have printed everything before the reader exits.
    expect(stderr).toMatch(/^(3000 dead letters: .*\n)?$/);
    for (const command of [
      `dead-letters list --json ${data}`,
      `status ${data}`,
      `status --json ${data}`,
      `validate --print "${file}"`,
      `graph "${file}"`,
      "rules show kubernetes_secret_access_unusual_user_agent",
      "run --help",
    ])
      expect(shell(`weir ${command} 2>/dev/null | true`), command).toMatchObject({ status: 0 });
    expect(shell(`weir dead-letters purge --all ${data} | true`).status).toBe(0);
    expect(shell(`weir dead-letters list ${data}`).stderr).toBe("There are no dead letters.\n");
  });

  it("on standard error leaves the exit code alone", () => {
    const script = `("${process.execPath}" "${bin}" validate nowhere.yaml 2>&1 >&3; echo $? >&3) 3>"$0" | true; cat "$0"`;
    const code = join(temporaryFolder(), "code");
    expect(spawnSync("sh", ["-c", script, code], { cwd: root, encoding: "utf8" }).stdout).toBe("78\n");
  });
});

it("a reader of standard output that reads no more does not keep weir from stopping", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "in.log"), `${"x".repeat(1000)}\n`.repeat(5_000));
  const file = pipelineFile(folder, {
    sources: { in: { type: "file", include: [join(folder, "in.log")] } },
    sinks: { out: { type: "console", inputs: ["in"] } },
  });
  const child = spawn(process.execPath, [bin, "run", file, "--data-dir", join(folder, "data"), "--drain", "1s"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let log = "";
  await new Promise<void>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("running 2 components")) resolve();
    });
  });
  // More than a pipe holds.
  while (!globSync(join(folder, "data/outboxes/out/*")).some((path) => statSync(path).size > 500_000)) await sleep(10);
  child.kill("SIGTERM");
  const [code] = (await once(child, "close")) as [number];
  expect(log).toMatch(/bytes for \\"out\\" were not delivered; they stay in the data dir/);
  expect(code).toBe(0);
});

it("SIGHUP reloads, and weir goes on", async () => {
  const folder = temporaryFolder();
  const weir = startWeir(["run", endless(folder), "--data-dir", join(folder, "data")]);
  await weir.said("running 2 components");
  weir.child.kill("SIGHUP");
  expect(await weir.said("reload (SIGHUP): nothing has changed")).toBe(true);
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0, signal: null });
});

describe("run --temporary leaves no folder behind", () => {
  const start = (...more: string[]) => {
    const folder = temporaryFolder();
    const temporary = temporaryFolder();
    const weir = startWeir(["run", endless(folder), "--temporary", ...more], { environment: { TMPDIR: temporary } });
    return { weir, left: () => readdirSync(temporary) };
  };

  it.each(["SIGTERM", "SIGINT"] as const)("after %s", async (signal) => {
    const { weir, left } = start();
    await weir.said("running 2 components");
    expect(left()).toHaveLength(1);
    expect((await weir.stop(signal)).code).toBe(0);
    expect(left()).toEqual([]);
  });

  it("after an error at start", async () => {
    const { weir, left } = start("--listen", "192.0.2.1:1");
    expect((await weir.ended).code).toBe(1);
    expect(left()).toEqual([]);
  });

  it("after a second signal", async () => {
    const folder = temporaryFolder();
    const temporary = temporaryFolder();
    const file = pipelineFile(folder, {
      sources: { in: { type: "demo" } },
      sinks: { far: { type: "http", inputs: ["in"], url: "http://127.0.0.1:9/" } },
    });
    const weir = startWeir(["run", file, "--temporary"], { environment: { TMPDIR: temporary } });
    await weir.said("delivery of");
    weir.child.kill("SIGTERM");
    await weir.said("stopped reading");
    while (weir.isAlive) {
      weir.child.kill("SIGTERM");
      await sleep(100);
    }
    expect((await weir.ended).code).toBe(1);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
