import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Json, Writer } from "weir";
import { delivery, logRecorder, virtualClock } from "weir/testing";
import sink from "./index.ts";
import { Rotation } from "./rotation.ts";

let directory: string;
const clock = virtualClock();
const signal = new AbortController().signal;

interface Rotate {
  readonly size?: number;
  readonly every?: number;
  readonly keep: number;
  readonly compress: boolean;
}

const open = async (rotate: Rotate, recorded?: Json): Promise<Writer> => {
  const config = { path: join(directory, "out.ndjson"), encoding: "json", rotate } as const;
  return sink.open({ id: "out", config, clock, signal, log: logRecorder(), recorded });
};
const write = async (writer: Writer, ...numbers: number[]) =>
  (await writer.write(
    numbers.map((n) => delivery({ n })),
    signal,
  ))!.record!;
const names = async () => (await readdir(directory)).sort();
const contentOf = async (name: string) => {
  const bytes = await readFile(join(directory, name));
  return (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
};
const until = async (condition: () => Promise<boolean>) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 1));
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-rotation-"));
});
afterEach(() => rm(directory, { recursive: true }));

it("writes every line once and in order across rotated files within the size, through restarts and compression", async () => {
  const writes = fc.array(fc.record({ count: fc.integer({ min: 1, max: 6 }), restart: fc.boolean() }), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(writes, fc.boolean(), async (plan, compress) => {
      for (const name of await names()) await rm(join(directory, name));
      const rotate = { size: 60, keep: 1_000, compress };
      let writer = await open(rotate);
      let next = 0;
      let recorded: Json | undefined;
      for (const { count, restart } of plan) {
        recorded = await write(writer, ...Array.from({ length: count }, () => next++));
        if (!restart) continue;
        await writer.close?.();
        writer = await open(rotate, recorded);
      }
      await until(async () => !compress || (await names()).filter((name) => /Z?\d\.ndjson$/.test(name)).length === 0);
      await writer.close?.();
      const files = (await names()).filter((name) => name !== "out.ndjson");
      const texts = await Promise.all([...files, "out.ndjson"].map(contentOf));
      expect(texts.join("")).toBe(Array.from({ length: next }, (_, n) => `{"n":${n}}\n`).join(""));
      for (const text of texts) expect(text.length).toBeLessThanOrEqual(60);
      expect(files.every((name) => /^out-2026-01-01T\d\d-\d\d-\d\d\.\d{3}\.ndjson(\.gz)?$/.test(name))).toBe(true);
    }),
    { numRuns: 25 },
  );
});

it("rotates a file by age, also after a restart, but never an empty one", async () => {
  const rotate = { every: 60_000, keep: 9, compress: false };
  let writer = await open(rotate);
  await clock.advance(120_000);
  const recorded = await write(writer, 1);
  await clock.advance(59_999);
  await writer.close?.();
  writer = await open(rotate, recorded);
  await write(writer, 2);
  await clock.advance(1);
  await write(writer, 3);
  const [rotated, current] = await names();
  expect(await contentOf(rotated!)).toBe('{"n":1}\n{"n":2}\n');
  expect([current, await contentOf(current!)]).toEqual(["out.ndjson", '{"n":3}\n']);
  await writer.close?.();
});

it("keeps only the newest files", async () => {
  const writer = await open({ size: 8, keep: 2, compress: false });
  for (let n = 0; n < 6; n++) await write(writer, n);
  await until(async () => (await names()).length === 3);
  expect((await Promise.all((await names()).map(contentOf))).join("")).toBe('{"n":3}\n{"n":4}\n{"n":5}\n');
  await writer.close?.();
});

it("finishes compression that a crash interrupted at the next start", async () => {
  const stamp = (n: number) => `out-2025-01-01T00-00-00.00${n}.ndjson`;
  await writeFile(join(directory, stamp(1)), "one\n");
  await writeFile(join(directory, `${stamp(1)}.gz.tmp`), "half");
  await writeFile(join(directory, stamp(2)), "two\n");
  await writeFile(join(directory, `${stamp(2)}.gz`), gzipSync("two\n"));
  await writeFile(join(directory, "out-of-its-way.ndjson"), "other\n");
  const writer = await open({ size: 100, keep: 9, compress: true });
  await until(async () => (await names()).length === 4 && (await names())[0] === `${stamp(1)}.gz`);
  expect(await names()).toEqual([`${stamp(1)}.gz`, `${stamp(2)}.gz`, "out-of-its-way.ndjson", "out.ndjson"]);
  expect(await contentOf(`${stamp(1)}.gz`)).toBe("one\n");
  await writer.close?.();
});

it("rotates a file by its age, though the clock was years ahead when it was created", async () => {
  const right = clock.now();
  clock.set(right + 10 * 365 * 86_400_000);
  const rotate = { every: 60_000, keep: 10, compress: false };
  let writer = await open(rotate);
  const recorded = await write(writer, 1);
  await writer.close?.();
  clock.set(right);
  writer = await open(rotate, recorded);
  await write(writer, 2);
  expect(await names()).toHaveLength(1);
  await clock.advance(60_000);
  await write(writer, 3);
  expect(await names()).toHaveLength(2);
  await writer.close?.();
});

it("cleans up the rotated files of many files in one directory, each by its own count", async () => {
  const stamp = (hour: number) => `2025-01-01T0${hour}-00-00.000`;
  const paths = ["a", "a-b", "a.log", "b.tar.log", "b.tar", ".c"];
  for (const path of paths) {
    const [head, extension] = [path.slice(0, path.length - extname(path).length), extname(path)];
    for (const hour of [1, 2, 3]) await writeFile(join(directory, `${head}-${stamp(hour)}${extension}`), path);
  }
  const rotation = new Rotation({ size: 100, keep: 2, compress: false }, clock, logRecorder());
  for (const path of [...paths, "a-b.log", "other"]) rotation.cleanUp(join(directory, path));
  await until(async () => (await names()).length <= 2 * paths.length);
  await rotation.close();
  const left = await names();
  expect(left.length).toBe(2 * paths.length);
  expect(left.filter((name) => name.includes(stamp(1)))).toEqual([]);
});
