import { lchown, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logRecorder, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

let directory: string;
let watched: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-links-")));
  watched = join(directory, "watched");
  await mkdir(watched);
  await mkdir(join(directory, "pods", "inner"), { recursive: true });
  await mkdir(join(directory, "private"));
  await writeFile(join(directory, "pods", "0.log"), "pod\n");
  await writeFile(join(directory, "pods", "inner", "1.log"), "inner\n");
  await writeFile(join(directory, "private", "secret.log"), "secret\n");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const read = async (include: string, targets?: readonly string[]) => {
  const host = recordingHost();
  const log = logRecorder();
  const config = {
    include: [join(directory, include)],
    follow: false,
    read_from: "beginning",
    poll_interval: 1_000,
    link_targets: targets?.map((target) => join(directory, target)),
  };
  for await (const reading of readSource(file, { config, log })) host.take(reading);
  return { texts: host.lines.map(({ text }) => text).sort(), warnings: log.lines.map(({ message }) => message) };
};

it("does not follow a link to a directory that one of several alternatives names", async () => {
  await symlink(join(directory, "private"), join(watched, "folder"));
  expect((await read("watched/{a/b,folder}/*.log", ["pods"])).texts).toEqual([]);
});

it("follows links to files and directories into the directories of link_targets only", async () => {
  await symlink(join(directory, "pods", "0.log"), join(watched, "a.log"));
  await symlink(join(directory, "private", "secret.log"), join(watched, "b.log"));
  await symlink(join(directory, "private"), join(watched, "folder"));
  await symlink(join(directory, "pods"), join(watched, "pods"));
  await writeFile(join(watched, "c.log"), "plain\n");
  expect((await read("watched/**/*.log")).texts).toEqual(["inner", "plain", "pod", "secret"]);
  const { texts, warnings } = await read("watched/**/*.log", ["pods"]);
  expect(texts).toEqual(["inner", "plain", "pod"]);
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).toContain(
    `"${join(watched, "folder")}" is a symbolic link to "${join(directory, "private")}"`,
  );
  expect((await read("watched/**/*.log", [])).texts).toEqual(["plain"]);
  // A directory whose name only begins like an allowed one.
  await rename(join(directory, "private"), join(directory, "pods-private"));
  await symlink(join(directory, "pods-private", "secret.log"), join(watched, "d.log"));
  expect((await read("watched/**/*.log", ["pods"])).texts).toEqual(["inner", "plain", "pod"]);
});

it("does not search behind a link that it does not follow", async () => {
  await symlink("/proc", join(watched, "everything"));
  await symlink(join(watched, "nothing"), join(watched, "dangling.log"));
  await symlink(join(watched, "loop.log"), join(watched, "loop.log"));
  await writeFile(join(watched, "c.log"), "plain\n");
  const { texts, warnings } = await read("watched/**/*", []);
  expect(texts).toEqual(["plain"]);
  expect(warnings.filter((message) => message.includes("everything"))).toHaveLength(1);
});

it("checks a path without a glob and rotated files, too, but follows the directories in it", async () => {
  await symlink(join(directory, "private", "secret.log"), join(watched, "app.log"));
  expect((await read("watched/app.log", [])).texts).toEqual([]);
  await symlink(join(directory, "pods"), join(watched, "pods"));
  expect((await read("watched/pods/0.log", [])).texts).toEqual(["pod"]);
  expect((await read("watched/pods/*.log", [])).texts).toEqual(["pod"]);
});

it.runIf(process.getuid?.() === 0)("does not follow a link of another user to a file that is not theirs", async () => {
  const theirs = 12_345;
  await symlink(join(directory, "private", "secret.log"), join(watched, "planted.log"));
  await lchown(join(watched, "planted.log"), theirs, theirs);
  await symlink(join(directory, "private"), join(watched, "folder"));
  await lchown(join(watched, "folder"), theirs, theirs);
  await symlink(join(watched, "planted.log"), join(watched, "chain.log"));
  await writeFile(join(watched, "own.txt"), "own\n");
  await lchown(join(watched, "own.txt"), theirs, theirs);
  await symlink(join(watched, "own.txt"), join(watched, "own.log"));
  await lchown(join(watched, "own.log"), theirs, theirs);
  const { texts, warnings } = await read("watched/**/*.log");
  expect(texts).toEqual(["own"]);
  expect(warnings).toHaveLength(3);
  expect((await read("watched/**/*.log", ["private"])).texts).toEqual(["secret"]);
});
