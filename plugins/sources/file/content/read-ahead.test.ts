import { appendFile, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ReadAhead } from "./read-ahead.ts";

const size = 16;
const overlap = 4;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-read-ahead-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const text = (length: number) => Array.from({ length }, (_, index) => String.fromCharCode(33 + (index % 90))).join("");

it("returns the content of several files that are read in turn while they grow", async () => {
  const step = fc.record({ file: fc.nat(1), grow: fc.nat(40), again: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const paths = ["one", "two"].map((name) => join(directory, name));
      for (const path of paths) await writeFile(path, "");
      const handles = await Promise.all(paths.map((path) => open(path, "r")));
      const whole = ["", ""];
      const read = ["", ""];
      const ahead = new ReadAhead(size, overlap);
      const readOn = async (file: number) => {
        const from = Math.max(0, read[file]!.length - overlap);
        const bytes = await ahead.read(handles[file]!, from);
        expect(bytes.length).toBe(Math.min(size, whole[file]!.length - from));
        read[file] = read[file]!.slice(0, from) + bytes.toString("latin1");
        return bytes.length === size;
      };
      for (const { file, grow, again } of steps) {
        const more = text(whole[file]!.length + grow).slice(whole[file]!.length);
        await appendFile(paths[file]!, more);
        whole[file] += more;
        while ((await readOn(file)) && again);
        expect(whole[file]!.startsWith(read[file]!)).toBe(true);
      }
      for (const file of [0, 1]) while (await readOn(file));
      expect(read).toEqual(whole);
      for (const handle of handles) await handle.close();
    }),
    { numRuns: 60 },
  );
});

it("reads again at the end of a file, and reports an error at the next read", async () => {
  const path = join(directory, "log");
  await writeFile(path, text(3 * size));
  const handle = await open(path, "r");
  const ahead = new ReadAhead(size, 0);
  await ahead.read(handle, 0);
  await ahead.read(handle, size);
  await truncate(path, size);
  expect((await ahead.read(handle, 2 * size)).length).toBe(size);
  expect((await ahead.read(handle, 3 * size)).length).toBe(0);
  await handle.close();
  await expect(ahead.read(handle, 0)).rejects.toThrow();
});
