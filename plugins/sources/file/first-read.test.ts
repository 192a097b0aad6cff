import { mkdir, mkdtemp, realpath, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logRecorder, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-first-")));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const read = async (include: readonly string[], more: { readonly baselines?: readonly string[] } = {}) => {
  const host = recordingHost();
  const log = logRecorder();
  const config = { include, follow: false, read_from: "beginning", poll_interval: 1_000 };
  for await (const reading of readSource(file, { config, log, ...more })) host.take(reading);
  return { texts: host.lines.map(({ text }) => text), log: log.lines };
};

/** The name of the generation of `app.log` with this age; 0 is the log itself. */
const schemes: Readonly<Record<string, (age: number) => string>> = {
  numbers: (age) => `app.log.${age}`,
  dates: (age) => `app.log-${20260128 - age}`,
  "times of kube-apiserver": (age) => `app-2026-01-01T10-00-${String(59 - age)}.000.log`,
};

it.each(Object.entries(schemes))("reads rotated files by %s oldest first, compressed or not", async (_, nameOf) => {
  const generations = fc.array(fc.record({ compressed: fc.boolean(), lines: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(generations, fc.infiniteStream(fc.nat(1_000_000)), async (generations, times) => {
      const expected: string[] = [];
      for (const [age, { compressed, lines }] of [...generations.entries()].reverse()) {
        const texts = Array.from({ length: lines }, (_, index) => `${age}: ${index} ${"x".repeat(400_000)}`);
        const bytes = Buffer.from(`${texts.join("\n")}\n`);
        const path = join(directory, age === 0 ? "app.log" : `${nameOf(age)}${compressed ? ".gz" : ""}`);
        await writeFile(path, compressed && age > 0 ? gzipSync(bytes, { level: 1 }) : bytes);
        // The time of modification may be that of a copy.
        const [time] = times.take(1);
        await utimes(path, time!, time!);
        expected.push(...texts);
      }
      const { texts, log } = await read([join(directory, "*.log*")]);
      const starts = (texts: readonly string[]) => texts.map((text) => text.slice(0, 5));
      expect(starts(texts)).toEqual(starts(expected));
      expect(log).toEqual([]);
      await rm(directory, { recursive: true });
      await mkdir(directory);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 60 : 5 },
  );
});

it("says which rotated and compressed files it does not read", async () => {
  await writeFile(join(directory, "app.log"), "a\n");
  for (const name of ["app-2026-01-01T10-00-00.000.log.gz", "other.log.gz"])
    await writeFile(join(directory, name), gzipSync("b\n"));
  const { texts, log } = await read([join(directory, "*.log")]);
  expect(texts).toEqual(["a"]);
  expect(log).toEqual([expect.objectContaining({ level: "warn", fields: { files: 2 } })]);
  expect(log[0]?.message).toContain(`"${join(directory, "other.log.gz")}"`);
  expect((await read([join(directory, "*.log"), join(directory, "*.gz")])).log).toEqual([]);
  const baselines = [join(directory, "app-*.log.gz")];
  const [one] = (await read([join(directory, "*.log")], { baselines })).log;
  expect(one?.fields).toEqual({ files: 1 });
  expect(one?.message).toContain(`"${join(directory, "other.log.gz")}"`);
});
