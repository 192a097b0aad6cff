import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { logRecorder, systemClock } from "weir/testing";
import { AppendFile } from "./append-file.ts";
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

/** The prototype of all file handles. */
const handles = async () => {
  await using handle = await open(directory);
  return Object.getPrototypeOf(handle);
};

it("undoes a short write, and rejects", async () => {
  const file = new AppendFile(path, never);
  await file.append(Buffer.from("kept\n"));
  const prototype = await handles();
  const { write } = prototype;
  vi.spyOn(prototype, "write").mockImplementationOnce(function (this: unknown, ...args: unknown[]) {
    return write.call(this, args[0], 0, 3);
  });
  await expect(file.append(Buffer.from("more\n"))).rejects.toThrow("wrote only 3 of 5 bytes to");
  expect(await readFile(path, "utf8")).toBe("kept\n");
  await file.append(Buffer.from("again\n"));
  expect(await readFile(path, "utf8")).toBe("kept\nagain\n");
  await file.close();
});

it("undoes a write that could not be synced", async () => {
  const file = new AppendFile(path, never);
  await file.append(Buffer.from("kept\n"));
  vi.spyOn(await handles(), "datasync").mockRejectedValueOnce(new Error("EIO: i/o error"));
  await expect(file.append(Buffer.from("more\n"))).rejects.toThrow("EIO");
  expect(await readFile(path, "utf8")).toBe("kept\n");
  await file.close();
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
  await file.append(Buffer.from("one\n"));
  await file.append(Buffer.from("two\n"));
  expect(calls).toEqual(["sync", "write", "datasync", "write", "datasync"]);
  await file.close();
});
