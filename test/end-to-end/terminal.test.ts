import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { pipelineFile, root, startWeir, temporaryFolder } from "./weir.ts";

const bin = join(root, "bin/weir.js");

/** A source that never ends. */
const endless = (folder: string): string =>
  pipelineFile(folder, {
    sources: { in: { type: "file", include: [join(folder, "*.log")] } },
    sinks: { gone: { type: "blackhole", inputs: ["in"] } },
  });

describe("a closed pipe", () => {
  it.each(["rules list", "list", "--help"])("on standard output ends `weir %s` quietly", (command) => {
    const script = `"${process.execPath}" "${bin}" ${command} | true`;
    expect(spawnSync("sh", ["-c", script], { cwd: root, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });

  it("on standard error leaves the exit code alone", () => {
    const script = `("${process.execPath}" "${bin}" validate nowhere.yaml 2>&1 >&3; echo $? >&3) 3>"$0" | true; cat "$0"`;
    const code = join(temporaryFolder(), "code");
    expect(spawnSync("sh", ["-c", script, code], { cwd: root, encoding: "utf8" }).stdout).toBe("78\n");
  });
});

it("SIGHUP is logged, and weir goes on", async () => {
  const folder = temporaryFolder();
  const weir = startWeir(["run", endless(folder), "--data-dir", join(folder, "data")]);
  await weir.said("running 2 components");
  weir.child.kill("SIGHUP");
  expect(await weir.said("SIGHUP: the configuration is not reloaded yet")).toBe(true);
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
