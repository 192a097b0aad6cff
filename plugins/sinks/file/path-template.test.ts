import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Json } from "weir";
import { delivery, type OpenedSink, openSink } from "weir/testing";
import sink from "./index.ts";
import { PathTemplate } from "./path-template.ts";

let directory: string;
let writer: OpenedSink;
const open = async (path: string, recorded?: Json) => {
  const config = { path: join(directory, path), encoding: "json", rotate: { keep: 7, compress: false } };
  writer = await openSink(sink, { config, recorded });
};
const write = (...teams: unknown[]) => writer.write(teams.map((team, n) => delivery({ n, labels: { team } })));

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-template-")));
});
afterEach(async () => {
  await writer.close();
  await rm(directory, { recursive: true });
});

it("writes each event to the file named by its value, in order, and rejects events without a value", async () => {
  await open("out/{{ labels.team }}/events.ndjson");
  const outcome = await write("a", "b", undefined, "a", ["x", "y"]);
  expect(await readFile(join(directory, "out/a/events.ndjson"), "utf8")).toMatch(/^{"n":0.*\n{"n":3.*\n$/);
  expect(await readFile(join(directory, "out/b/events.ndjson"), "utf8")).toMatch(/^{"n":1.*\n$/);
  expect(outcome?.failed?.map(({ index, final }) => [index, final])).toEqual([
    [2, true],
    [4, true],
  ]);
  expect((outcome!.record as { files: unknown[] }).files).toHaveLength(2);
});

it("never leaves its base directory, whatever the value", async () => {
  await open("base/{{ labels.team }}.ndjson");
  const template = new PathTemplate(join(directory, "base/{{ a }}/x{{ b }}"));
  const nasty = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("/", ".", "\\", "\0", "a") }),
    fc.constantFrom("..", "../../x", "/etc"),
  );
  fc.assert(
    fc.property(nasty, nasty, (a, b) => {
      let path: string;
      try {
        path = template.render({ a, b });
      } catch {
        return;
      }
      const names = path.slice(`${directory}/base/`.length).split("/");
      expect(path.startsWith(`${directory}/base/`)).toBe(true);
      expect(names).toHaveLength(2);
      for (const name of names) expect(name).not.toMatch(/^\.*$|[\p{Cc}\\]/u);
    }),
  );
});

it("follows no symbolic link out of its base directory, and delivers the other events", async () => {
  await mkdir(join(directory, "outside"));
  await mkdir(join(directory, "base"));
  await symlink(join(directory, "outside"), join(directory, "base", "away"));
  await symlink(join(directory, "outside", "file"), join(directory, "base", "file"));
  await open("base/{{ labels.team }}/x");
  const outcome = await write("away", "here");
  expect(outcome?.failed).toEqual([
    { index: 0, message: expect.stringContaining("is a symbolic link to"), final: false },
  ]);
  await writer.close();
  await open("base/{{ labels.team }}");
  expect((await write("file"))?.failed).toEqual([
    { index: 0, message: expect.stringContaining("does not write through links"), final: false },
  ]);
  expect(await readdir(join(directory, "outside"))).toEqual([]);
});

it("writes to any number of files, but keeps only some open and recorded", async () => {
  await open("{{ labels.team }}");
  const teams = Array.from({ length: 150 }, (_, index) => `t${index}`);
  const outcome = await write(...teams, ...teams);
  expect((outcome!.record as { files: unknown[] }).files).toHaveLength(64);
  for (const team of teams) expect((await readFile(join(directory, team), "utf8")).split("\n")).toHaveLength(3);
});

it("rejects names that have the form of a rotated file's name", async () => {
  await open("{{ labels.team }}.ndjson");
  const outcome = await write("a-2031-01-01T00-00-00.000");
  expect(outcome?.failed?.[0]?.message).toContain("has the form of a rotated file's name");
});
