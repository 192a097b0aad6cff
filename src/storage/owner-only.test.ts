import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDir } from "../../test/runtime/harness.ts";
import { openDataDir } from "../runtime/data-dir.ts";
import { noChanges } from "./database.ts";
import { makeOwnerOnly } from "./owner-only.ts";
import { threadedWriter } from "./writer.ts";

const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);
const modes = (dataDir: string) =>
  Object.fromEntries(
    (readdirSync(dataDir, { recursive: true }) as string[]).map((name) => [name, modeOf(join(dataDir, name))]),
  );
/** A run that writes to an outbox; what it reports while it is open. */
const during = async (dataDir: string) => {
  const data = openDataDir(dataDir, threadedWriter);
  await data.writer.commit({ ...noChanges, appends: [{ outbox: "out", bytes: Buffer.from("x") }] });
  const found = modes(dataDir);
  await data.close();
  return found;
};

it("keeps a data dir that was there before from everybody else, whatever the umask", async () => {
  const dataDir = temporaryDir();
  chmodSync(dataDir, 0o755);
  const first = await during(dataDir);
  expect(modeOf(dataDir)).toBe("700");
  expect(Object.keys(first)).toEqual(
    expect.arrayContaining(["weir.db", "weir.db-wal", "weir.db-shm", "lock.db", "reserve"]),
  );
  expect(new Set(Object.values(first))).toEqual(new Set(["700", "600"]));
});

it("takes the permissions of others away from the files of an earlier version", async () => {
  const dataDir = temporaryDir();
  await during(dataDir);
  for (const name of Object.keys(modes(dataDir))) {
    const path = join(dataDir, name);
    chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o666);
  }
  chmodSync(dataDir, 0o777);
  expect(new Set(Object.values(await during(dataDir)))).toEqual(new Set(["700", "600"]));
  expect(modeOf(dataDir)).toBe("700");
});

it("refuses a directory that every user can write to, and that cannot be narrowed", () => {
  const dataDir = temporaryDir();
  chmodSync(dataDir, 0o1777);
  expect(() => openDataDir(dataDir)).toThrow(/^every user can write to ".*", so it is not safe as a data dir\. Use a /);
  expect(readdirSync(dataDir)).toEqual([]);
});

const isRoot = process.getuid?.() === 0;

it("refuses what is no file of its own, and never waits for it", () => {
  const kinds: [string, (path: string) => unknown, RegExp][] = [
    ["a FIFO", (path) => execFileSync("mkfifo", [path]), /is a FIFO, where weir needs a (file|directory) of its own/],
    ["a dangling link", (path) => symlinkSync(`${path}-nowhere`, path), /is a link that leads nowhere/],
  ];
  if (isRoot) {
    const theirs = (path: string) => {
      symlinkSync("/dev/null", path);
      lchownSync(path, 65534, 65534);
    };
    kinds.push(["a link of another user", theirs, /is a link of another user/]);
  }
  for (const name of ["lock.db", "weir.db", "weir.db-wal", "last-commit", "reserve", "outboxes"])
    for (const [, make, message] of kinds) {
      const dataDir = temporaryDir();
      make(join(dataDir, name));
      expect(() => openDataDir(dataDir)).toThrow(message);
    }
  const dataDir = temporaryDir();
  mkdirSync(join(dataDir, "lock.db"));
  expect(() => openDataDir(dataDir)).toThrow("is a directory, where weir needs a file");
});

it("accepts its own links: to another disk, and to the data dir itself", async () => {
  const [folder, disk] = [temporaryDir(), temporaryDir()];
  symlinkSync(disk, join(folder, "data"));
  await during(join(folder, "data"));
  rmSync(join(disk, "outboxes"), { recursive: true });
  symlinkSync(temporaryDir(), join(disk, "outboxes"));
  expect(Object.keys(await during(join(folder, "data")))).toContain("outboxes");
});

it("changes no file of others in it, follows no link, and leaves a directory with the sticky bit", () => {
  const [dataDir, other] = [temporaryDir(), temporaryDir()];
  writeFileSync(join(other, "target"), "");
  writeFileSync(join(dataDir, "pipeline.yaml"), "");
  mkdirSync(join(dataDir, "outboxes"));
  symlinkSync(join(other, "target"), join(dataDir, "outboxes", "link"));
  symlinkSync(join(other, "target"), join(dataDir, "weir.db"));
  chmodSync(join(other, "target"), 0o644);
  chmodSync(join(dataDir, "pipeline.yaml"), 0o644);
  chmodSync(dataDir, 0o1777);
  makeOwnerOnly(dataDir);
  expect([modeOf(join(other, "target")), modeOf(join(dataDir, "pipeline.yaml")), modeOf(dataDir)]).toEqual([
    "644",
    "644",
    "1777",
  ]);
});
