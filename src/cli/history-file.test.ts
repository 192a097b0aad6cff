import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { linesOf, writeLines } from "./history-file.ts";

const folder = (): string => mkdtempSync(join(tmpdir(), "weir-history-file-"));

const all = async (lines: AsyncIterable<string>): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
};

it.each(["e.ndjson", "e.ndjson.gz"])("lines are read as they were written, by their owner only: %s", async (name) => {
  const path = join(folder(), name);
  expect(await writeLines(path, ["a", "ä"])).toBe(2);
  expect(await all(linesOf(path))).toEqual(["a", "ä"]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("a file that anybody can read, and a link, are replaced and not written to", async () => {
  const at = folder();
  const [victim, link, part] = ["victim", "link", `e.${process.pid}.part`].map((name) => join(at, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(victim, "mine", { mode: 0o644 });
  symlinkSync(victim, link);
  symlinkSync(victim, part);
  await writeLines(join(at, "e"), ["a"]);
  await writeLines(link, ["a"]);
  expect(readFileSync(victim, "utf8")).toBe("mine");
  for (const name of ["e", "link"]) expect(statSync(join(at, name)).mode & 0o777).toBe(0o600);
});

it("what is no file gets the lines, and stays what it is", async () => {
  const path = join(folder(), "pipe");
  execFileSync("mkfifo", [path]);
  const reading = all(linesOf(path));
  expect(await writeLines(path, ["a", "b"])).toBe(2);
  expect(await reading).toEqual(["a", "b"]);
  expect(statSync(path).isFIFO()).toBe(true);
});

it("says what cannot be written, and leaves nothing behind", async () => {
  const at = folder();
  mkdirSync(join(at, "folder"));
  await expect(writeLines(join(at, "folder"), ["a"])).rejects.toThrow("is a folder; give the path of a file");
  await expect(writeLines(join(at, "none", "e"), ["a"])).rejects.toThrow(
    /"[^"]*none\/e" cannot be written: its folder does not exist$/,
  );
  const failing = function* () {
    yield "a";
    throw new Error("no room");
  };
  await expect(writeLines(join(at, "e"), failing())).rejects.toThrow("no room");
  expect(readdirSync(at)).toEqual(["folder"]);
  expect(existsSync(join(at, "e"))).toBe(false);
});
