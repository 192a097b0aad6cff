import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { threadedWriter } from "../../src/storage/writer.ts";
import { keeping, lines, numbers, startRun, temporaryDir, topology, unbalancedComponents, until } from "./harness.ts";

/** Mounts a file system of this size, in bytes. If it cannot, it prints the reason and returns `undefined`. */
const smallDisk = (megabytes: number): string | undefined => {
  const path = join(temporaryDir(), "disk");
  mkdirSync(path);
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  if (status !== 0) {
    console.log(`skipped: a small disk cannot be mounted here: ${stderr?.toString().trim()}`);
    return undefined;
  }
  onTestFinished(() => void spawnSync("umount", ["-l", path]));
  return path;
};

const wait = () => new Promise((resolve) => setTimeout(resolve, 20));

it("a full disk pauses reading, is logged and loses nothing; delivery frees space", async ({ skip }) => {
  const disk = smallDisk(12);
  if (!disk) return skip("no small disk");
  let isDead = true;
  const { kept, plugin } = keeping(() => {
    if (isDead) throw new Error("dead");
  });
  const records = numbers(30_000).map(({ n }) => ({ n, text: "x".repeat(500) }));
  const plan = topology({
    in: [lines(records, { perReading: 100 })],
    out: [plugin, ["in"], { retry: { initial: 10, max: 50 } }],
  });
  const { runtime, log } = await startRun(plan, join(disk, "data"), { makeWriter: threadedWriter });
  await until(() => runtime.unready.has("weir"), wait);
  const { component_received_events_total: read } = runtime.stats().components["in"]!;
  expect(read).toBeLessThan(30_000);
  expect(readdirSync(join(disk, "data"))).not.toContain("reserve");
  expect(log.join("\n")).toMatch(/a commit failed.*(ENOSPC|13)/);
  isDead = false;
  expect(await runtime.ended).toEqual({ how: "finished" });
  expect(runtime.unready.size).toBe(0);
  expect(kept.map(({ data }) => data["n"])).toEqual(records.map(({ n }) => n));
  expect(unbalancedComponents(runtime.stats())).toEqual({});
  const segments = readdirSync(join(disk, "data", "outboxes", "out"));
  const blocks = segments.map((name) => statSync(join(disk, "data", "outboxes", "out", name)).blocks * 512);
  expect(blocks.reduce((total, bytes) => total + bytes, 0)).toBeLessThan(3 * 1024 * 1024);
}, 60_000);
