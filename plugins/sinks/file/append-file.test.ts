import { appendFile, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logRecorder, systemClock } from "weir/testing";
import { AppendFile, type FileRecord } from "./append-file.ts";
import { Rotation } from "./rotation.ts";

const never = new Rotation({ keep: 0, compress: false }, systemClock, logRecorder());
let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-append-"));
  path = join(directory, "out");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

const append = async (file: AppendFile, text: string) => {
  const lines = Buffer.from(text);
  await file.prepare(lines.length);
  if (!file.isRecorded) file.saved();
  await file.append(lines);
};
const content = (name = path) => readFile(name, "utf8");

/** The prototype of all file handles. */
const handles = async () => {
  await using handle = await open(directory);
  return Object.getPrototypeOf(handle);
};

/** The next write writes only `bytes` bytes. */
const shortWrite = async (bytes: number) => {
  const prototype = await handles();
  const { write } = prototype;
  vi.spyOn(prototype, "write").mockImplementationOnce(function (this: unknown, ...args: unknown[]) {
    return write.call(this, args[0], 0, bytes);
  });
};

it("undoes a short write, and rejects", async () => {
  const file = new AppendFile(path, never);
  await append(file, "kept\n");
  await shortWrite(3);
  await expect(append(file, "more\n")).rejects.toThrow("wrote only 3 of 5 bytes to");
  expect(await content()).toBe("kept\n");
  await append(file, "again\n");
  expect(await content()).toBe("kept\nagain\n");
  await file.close();
});

it("undoes a write that could not be synced", async () => {
  const file = new AppendFile(path, never);
  await append(file, "kept\n");
  vi.spyOn(await handles(), "datasync").mockRejectedValueOnce(new Error("EIO: i/o error"));
  await expect(append(file, "more\n")).rejects.toThrow("EIO");
  expect(await content()).toBe("kept\n");
  await file.close();
});

it("completes a short write that could not be undone, or removes it before other lines", async () => {
  for (const next of ["moreover\n", "other\n"]) {
    await rm(path, { force: true });
    const file = new AppendFile(path, never);
    await append(file, "kept\n");
    await shortWrite(3);
    vi.spyOn(await handles(), "truncate").mockRejectedValueOnce(new Error("EIO: i/o error"));
    await expect(append(file, "moreover\n")).rejects.toThrow("wrote only 3 of 9 bytes to");
    expect(await content()).toBe("kept\nmor");
    await append(file, next);
    expect(await content()).toBe(`kept\n${next}`);
    await file.close();
  }
});

it("syncs the lines before it resolves, and the directory of a new file before the lines", async () => {
  const calls: string[] = [];
  const prototype = await handles();
  for (const name of ["sync", "write", "datasync"]) {
    const original = prototype[name];
    vi.spyOn(prototype, name).mockImplementation(function (this: unknown, ...args: unknown[]) {
      calls.push(name);
      return original.apply(this, args);
    });
  }
  const file = new AppendFile(path, never);
  await append(file, "one\n");
  await append(file, "two\n");
  expect(calls).toEqual(["sync", "write", "datasync", "write", "datasync"]);
  await file.close();
});

it("must be recorded again when the file is another one, or shorter", async () => {
  const file = new AppendFile(path, never);
  const isRecorded = async () => {
    await file.prepare(1);
    return file.isRecorded;
  };
  expect(await isRecorded()).toBe(false);
  file.saved();
  await file.append(Buffer.from("one\n"));
  expect(await isRecorded()).toBe(true);
  await writeFile(path, "");
  expect(await isRecorded()).toBe(false);
  file.saved();
  await appendFile(path, "theirs\n");
  expect(await isRecorded()).toBe(true);
  await rename(path, `${path}.1`);
  expect(await isRecorded()).toBe(false);
  await file.close();
});

describe("after a crash", () => {
  const line = fc.stringMatching(/^[ab]{1,4}$/).map((text) => `${text}\n`);
  /** A list of lines as blocks, in two ways. */
  const twoCuts = fc
    .array(line, { minLength: 1, maxLength: 8 })
    .chain((lines) =>
      fc.tuple(
        fc.constant(lines),
        fc.subarray(lines.map((_, index) => index)),
        fc.subarray(lines.map((_, index) => index)),
      ),
    );
  const blocksOf = (lines: readonly string[], cuts: readonly number[]): string[] =>
    [0, ...cuts.filter((cut) => cut > 0), lines.length]
      .map((from, index, all) => lines.slice(from, all[index + 1]).join(""))
      .filter((block) => block !== "");
  const record = async (length: number): Promise<FileRecord> => {
    const { dev, ino } = await stat(path);
    return { dev: String(dev), inode: String(ino), length, started: 0 };
  };

  it("continues at the byte where it was cut, in blocks of other sizes, and writes no line twice", async () => {
    await fc.assert(
      fc.asyncProperty(twoCuts, fc.nat(), fc.boolean(), async ([lines, , cuts], at, isTorn) => {
        const text = lines.join("");
        const head = isTorn ? "x\ntheirs" : "x\n";
        const whole = head + (isTorn ? "\n" : "") + text;
        await writeFile(path, whole.slice(0, head.length + (at % (whole.length - head.length + 1))));
        const file = new AppendFile(path, never, { record: await record(head.length) });
        for (const block of blocksOf(lines, cuts)) await append(file, block);
        await file.close();
        expect(await content()).toBe(whole);
        expect(file.record?.length).toBe(whole.length);
      }),
    );
  });

  it("removes an incomplete line before other lines, and nothing else", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\n") });
    await fc.assert(
      fc.asyncProperty(text, text, fc.boolean(), async (before, beyond, appends) => {
        await writeFile(path, before + beyond);
        const file = new AppendFile(path, never, { record: await record(before.length) });
        if (appends) await append(file, "other\n");
        await file.close();
        const complete = beyond.slice(0, beyond.lastIndexOf("\n") + 1);
        const newline = complete === "" && before !== "" && !before.endsWith("\n") ? "\n" : "";
        expect(await content()).toBe(before + complete + (appends ? `${newline}other\n` : ""));
      }),
    );
  });

  it("removes it also from a file that was renamed meanwhile, and changes no other file", async () => {
    await writeFile(path, "one\ntor");
    const recorded = await record(4);
    await rename(path, `${path}.1`);
    await writeFile(path, "another file, longer than ours");
    const file = new AppendFile(path, never, { record: recorded });
    await append(file, "two\n");
    await file.close();
    expect([await content(), await content(`${path}.1`)]).toEqual(["another file, longer than ours\ntwo\n", "one\n"]);
  });
});
