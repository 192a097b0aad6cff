import { appendFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Json, Plugin } from "weir";
import { delivery, flaws, type OpenedSink, openSink } from "weir/testing";
import sink from "./index.ts";

let directory: string;
let path: string;
let writer: OpenedSink;

const reopen = async (recorded?: Json) => {
  await writer?.close?.();
  writer = await openSink(sink, { config: { path, encoding: "json", rotate: { keep: 7, compress: false } }, recorded });
};
const write = async (...numbers: number[]) => (await writer.write(numbers.map((n) => delivery({ n }))))?.record;
const text = (file = path) => readFile(file, "utf8");

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-sink-"));
  path = join(directory, "deep", "alerts.ndjson");
  await reopen();
});
afterEach(async () => {
  await writer.close?.();
  await rm(directory, { recursive: true });
});

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

it("creates the directory and the file, and records the file's length", async () => {
  const record = await write(1, 2);
  expect(await text()).toBe('{"n":1}\n{"n":2}\n');
  const { dev, ino, size } = await stat(path);
  const place = { path, dev: String(dev), inode: String(ino), length: size };
  expect(record).toEqual({ files: [expect.objectContaining(place)] });
  expect(await write()).toBeUndefined();
});

it("appends to an existing file, and never to an incomplete line of another program", async () => {
  await write(1);
  await appendFile(path, "theirs");
  await write(2);
  await write(3);
  expect(await text()).toBe('{"n":1}\ntheirs\n{"n":2}\n{"n":3}\n');
});

it("creates the file again after it was renamed or removed", async () => {
  await write(1);
  await rename(path, `${path}.1`);
  await write(2);
  await rm(path);
  await write(3);
  expect([await text(`${path}.1`), await text()]).toEqual(['{"n":1}\n', '{"n":3}\n']);
});

it("continues with a file that was truncated", async () => {
  await write(1);
  await writeFile(path, "");
  await write(2);
  expect(await text()).toBe('{"n":2}\n');
});

it("rejects with the reason when it cannot write", async () => {
  path = join(directory, "plain", "alerts.ndjson");
  await writeFile(join(directory, "plain"), "");
  await expect(reopen()).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(await readdir(directory)).toContain("plain");
});

it("rejects at once if the path is not a regular file", async () => {
  path = directory;
  await expect(reopen()).rejects.toThrow(`"${directory}" is not a regular file but a directory`);
  path = "/dev/null";
  await expect(reopen()).rejects.toThrow('"/dev/null" is not a regular file');
});

it("changes no other file, and nothing without a record", async () => {
  const record = await write(1);
  await appendFile(path, "torn");
  await reopen();
  expect(await text()).toBe('{"n":1}\ntorn');
  await rename(path, `${path}.1`);
  await writeFile(path, "another file, longer than ours");
  await reopen(record);
  expect(await text()).toBe("another file, longer than ours");
  await rm(path);
  await reopen(record);
  expect(await text()).toBe("");
});
