import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { delivery, logRecorder, virtualClock } from "weir/testing";
import sink from "./index.ts";
import { isLasting } from "./path-error.ts";

const clock = virtualClock();
const signal = new AbortController().signal;
let directory: string;
let trouble: string | undefined;

const open = (path: string) =>
  sink.open({
    id: "out",
    config: { path: join(directory, path), encoding: "json", rotate: { keep: 7, compress: false } },
    clock,
    signal,
    log: logRecorder(),
    recorded: undefined,
    trouble: (message) => {
      trouble = message;
    },
  });
const events = (...teams: unknown[]) => teams.map((team, n) => delivery({ n, team }));
const text = (path: string) => readFileSync(join(directory, path), "utf8");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "weir-bad-paths-"));
  trouble = undefined;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

/** What can be where the file of the team "bad" should be. */
const obstacles: Readonly<Record<string, readonly [(path: string) => void, string]>> = {
  "a directory": [mkdirSync, "is not a regular file but a directory"],
  "a symbolic link": [(path) => symlinkSync("/etc/passwd", path), "is a symbolic link"],
  "a link to itself": [(path) => symlinkSync(path, path), "is a symbolic link"],
  "a FIFO that nobody reads": [(path) => spawnSync("mkfifo", [path]), "is not a regular file"],
  "a device": [(path) => spawnSync("mknod", [path, "c", "1", "3"]), "is not a regular file"],
};

describe("a path that cannot be a file", () => {
  it.each(Object.entries(obstacles))(
    "gives up its events after some seconds, and names itself: %s",
    async (_, [plant, words]) => {
      const writer = await open("out/{{ team }}");
      plant(join(directory, "out/bad"));
      const first = await writer.write(events("bad", "good", "bad"), signal);
      expect(first!.failed!.map(({ index, final }) => [index, final])).toEqual([
        [0, false],
        [2, false],
      ]);
      expect(first!.failed![0]!.message).toContain(words);
      expect(trouble).toContain(`events go to the dead letter, because their path cannot be written to: "${directory}`);
      await clock.advance(2_000);
      expect((await writer.write(events("bad"), signal))!.failed).toMatchObject([{ final: true }]);
      expect(text("out/good")).toBe('{"n":1,"team":"good"}\n');
      rmSync(join(directory, "out/bad"), { recursive: true });
      expect((await writer.write(events("bad"), signal))!.failed).toEqual([]);
      expect(trouble).toBeUndefined();
      await writer.close?.();
    },
  );

  it("is given up at once when another one was already, and forgotten after some minutes", async () => {
    const writer = await open("out/{{ team }}/x");
    for (const name of ["a", "b", "c"]) writeFileSync(join(directory, "out", name), "");
    await writer.write(events("a"), signal);
    await clock.advance(2_000);
    expect((await writer.write(events("b", "c"), signal))!.failed).toMatchObject([{ final: true }, { final: true }]);
    expect(trouble).toMatch(/ENOTDIR.*\(and 2 more paths\)$/);
    for (let minutes = 0; minutes < 7; minutes++) await clock.advance(60_000);
    expect(trouble).toBeUndefined();
    expect((await writer.write(events("a"), signal))!.failed).toMatchObject([{ final: false }]);
    await writer.close?.();
  });

  it("keeps its events if nothing at all can be written below the directory", async () => {
    const writer = await open("out/{{ team }}");
    rmSync(join(directory, "out"), { recursive: true });
    writeFileSync(join(directory, "out"), "");
    for (let times = 0; times < 3; times++) {
      expect((await writer.write(events("a", "b"), signal))!.failed).toMatchObject([
        { final: false },
        { final: false },
      ]);
      expect(trouble).toMatch(/EEXIST|ENOTDIR/);
      await clock.advance(10_000);
    }
    rmSync(join(directory, "out"));
    expect((await writer.write(events("a", "b"), signal))!.failed).toEqual([]);
    expect(trouble).toBeUndefined();
    await writer.close?.();
  });

  it("keeps its events if it is the only path", async () => {
    const writer = await open("out");
    await writer.write(events("a"), signal);
    rmSync(join(directory, "out"));
    mkdirSync(join(directory, "out"));
    for (let times = 0; times < 3; times++) {
      expect((await writer.write(events("b"), signal))!.failed).toMatchObject([{ final: false }]);
      expect(trouble).toContain("is not a regular file but a directory");
      await clock.advance(10_000);
    }
    rmSync(join(directory, "out"), { recursive: true });
    expect((await writer.write(events("b"), signal))!.failed).toEqual([]);
    expect([trouble, text("out")]).toEqual([undefined, '{"n":0,"team":"b"}\n']);
    await writer.close?.();
  });
});

it("a read-only file system below the directory stops no other path", async ({ skip }) => {
  const writer = await open("out/{{ team }}/x");
  const readOnly = join(directory, "out/bad");
  mkdirSync(readOnly);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", readOnly]).status !== 0) return skip("cannot mount here");
  try {
    expect((await writer.write(events("bad", "good"), signal))!.failed).toMatchObject([{ index: 0, final: false }]);
    await clock.advance(2_000);
    expect((await writer.write(events("bad"), signal))!.failed).toMatchObject([{ final: true }]);
    expect(trouble).toContain("EROFS");
    expect(text("out/good/x")).toBe('{"n":1,"team":"good"}\n');
  } finally {
    spawnSync("umount", ["-l", readOnly]);
    await writer.close?.();
  }
});

it("a directory of all paths that cannot hold files is reported at the start", async () => {
  writeFileSync(join(directory, "out"), "");
  await expect(open("out/{{ team }}")).rejects.toThrow(/EEXIST|ENOTDIR/);
});

it("an error that may pass never gives up an event", () => {
  const error = (code: string) => Object.assign(new Error(code), { code });
  for (const code of ["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR", "ESTALE", "ENOENT"])
    expect(isLasting(error(code)), code).toBe(false);
  for (const code of ["EACCES", "EISDIR", "ELOOP", "ENAMETOOLONG", "ENOTDIR", "EROFS"])
    expect(isLasting(error(code)), code).toBe(true);
});
