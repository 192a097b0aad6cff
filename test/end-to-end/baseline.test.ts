import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pipelineFile, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const setUp = () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const log = (name: string, ...users: readonly string[]) =>
    appendFileSync(path(name), users.map((user) => `${JSON.stringify({ user })}\n`).join(""));
  const write = (more: object) =>
    pipelineFile(folder, {
      sources: {
        log: { type: "file", include: [path("live.ndjson")], codec: "json", origin: "never", poll_interval: "20ms" },
      },
      transforms: {
        all: { type: "filter", inputs: ["log"], where: "user: *" },
        seen: { type: "new_terms", inputs: ["all"], fields: ["user"], ...more },
      },
      sinks: { out: { type: "file", inputs: ["seen"], path: path("out.ndjson") } },
    });
  const run = (file: string) => startWeir(["run", file, "--data-dir", path("data")]);
  const sent = () =>
    readFileSync(path("out.ndjson"), { encoding: "utf8", flag: "a+" })
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).user);
  const until = async (count: number) => {
    for (let waited = 0; sent().length < count && waited < 20_000; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return { path, log, write, run, sent, until };
};

it("a baseline is looked for until there are files, read once, and not again when it names others", async () => {
  const { path, log, write, run, sent, until } = setUp();
  log("live.ndjson", "ann");
  const file = write({ baseline: { from: [path("old-*.ndjson")] } });
  const first = run(file);
  await until(1);
  await first.stop("SIGTERM");
  expect(first.log.map(({ msg }) => msg)).toContain("running 4 components");
  expect(first.log.map(({ msg }) => msg)).toContainEqual(expect.stringContaining("no file was found for the baseline"));

  log("old-1.ndjson", "bob");
  const second = run(file);
  expect(await second.said("the baseline is committed: 1 event;")).toBe(true);
  log("live.ndjson", "bob", "cat");
  await until(2);
  await second.stop("SIGTERM");

  log("old-2.ndjson", "dan");
  const third = run(write({ baseline: { from: [path("old-2.ndjson")] } }));
  expect(await third.said("the baseline was read before, from other files, and is not read again")).toBe(true);
  log("live.ndjson", "bob", "dan");
  await until(3);
  await third.stop("SIGTERM");
  expect(sent()).toEqual(["ann", "cat", "dan"]);

  expect((await runWeir(["state", "forget", "seen", "seen:baseline", "--data-dir", path("data")])).code).toBe(0);
  const fourth = run(write({ baseline: { from: [path("old-2.ndjson")] } }));
  expect(await fourth.said("the baseline is committed")).toBe(true);
  log("live.ndjson", "dan", "ann");
  await until(4);
  await fourth.stop("SIGTERM");
  expect(sent()).toEqual(["ann", "cat", "dan", "ann"]);
}, 60_000);

it("a reload adds a baseline to a component, which is read before it goes on", async () => {
  const { path, log, write, run, sent, until } = setUp();
  log("live.ndjson", "ann");
  log("old.ndjson", "bob");
  writeFileSync(path("old.ndjson"), `${readFileSync(path("old.ndjson"), "utf8")}{\n`);
  const weir = run(write({}));
  await until(1);
  write({ baseline: { from: [path("old.ndjson")] } });
  const reloaded = await runWeir(["reload", "--data-dir", path("data")]);
  expect(reloaded.code).toBe(0);
  expect(await weir.said("the baseline is committed")).toBe(true);
  log("live.ndjson", "bob", "cat");
  await until(2);
  expect(sent()).toEqual(["ann", "cat"]);
  const letters = await runWeir(["dead-letters", "list", "--data-dir", path("data")]);
  expect(letters.out).toContain("seen:baseline");
  const { out } = await runWeir(["status", "--data-dir", path("data")]);
  expect(out).toContain("seen:baseline:all");
  expect((await weir.stop("SIGTERM")).code).toBe(0);
}, 60_000);

it.each([
  [{ baseline: { from: ["live-*.ndjson"] } }, 0],
  [{}, 1],
])(
  "the source says of a rotated file that it is not read, unless it is the baseline: %j",
  async (more, count) => {
    const { path, log, write, run, until } = setUp();
    log("live.ndjson", "ann");
    log("live-2026-01-01T10-00-00.000.ndjson", "bob");
    const weir = run(write("baseline" in more ? { baseline: { from: more.baseline.from.map(path) } } : {}));
    await until(1);
    await weir.stop("SIGTERM");
    expect(weir.log.filter(({ msg }) => msg.includes("not read because"))).toHaveLength(count);
  },
  60_000,
);
