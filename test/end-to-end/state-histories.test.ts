import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { pipelineFile, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const setUp = () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
  const lineOf = (user: string, hour: number) =>
    `${JSON.stringify({ user: { name: user }, "@timestamp": at(hour) })}\n`;
  writeFileSync(path("in.ndjson"), lineOf("ann", 0) + lineOf("bob", 1) + lineOf("ann", 2));
  const file = pipelineFile(folder, {
    sources: { log: { type: "file", include: [path("in.ndjson")], codec: "json", follow: false } },
    transforms: { seen: { type: "new_terms", inputs: ["log"], fields: ["user.name"], timestamp: "@timestamp" } },
    sinks: { out: { type: "file", inputs: ["seen"], path: path("out.ndjson") } },
  });
  const state = (dataDir: string, ...args: string[]) => runWeir(["state", ...args, "--data-dir", path(dataDir)]);
  const run = (dataDir: string) => runWeir(["run", file, "--data-dir", path(dataDir)]);
  const alerts = () => readFileSync(path("out.ndjson"), "utf8").split("\n").length - 1;
  return { path, file, state, run, alerts };
};

it("a new collector starts with the history of an old one", async () => {
  const { path, state, run, alerts } = setUp();
  expect((await run("old")).code).toBe(0);
  expect(alerts()).toBe(2);
  const exported = await state("old", "export", "seen", "--to", path("seen.ndjson.gz"));
  expect(exported.out).toContain("2 entries of seen");
  expect(statSync(path("seen.ndjson.gz")).mode & 0o777).toBe(0o600);
  const lines = gunzipSync(readFileSync(path("seen.ndjson.gz")))
    .toString()
    .split("\n")
    .filter(Boolean);
  expect(lines.slice(2).map((line) => JSON.parse(line))).toContainEqual({
    rule: "seen",
    version: expect.any(String),
    fields: ["user.name"],
    values: ["ann"],
    first_seen: "2026-01-01T00:00:00.000Z",
    last_seen: "2026-01-01T02:00:00.000Z",
  });
  // A data dir is there after a first start.
  const weir = startWeir(["run", "--data-dir", path("new"), pipelineOf(path)]);
  await weir.said("running");
  const refused = await state("new", "import", path("seen.ndjson.gz"));
  expect(refused.code).toBe(1);
  expect(refused.log.map(({ msg }) => msg).join()).toContain("in use by another weir");
  const listed = await state("new", "stats", "--json");
  expect(JSON.parse(listed.out)).toEqual([]);
  await weir.stop("SIGTERM");
  const imported = await state("new", "import", path("seen.ndjson.gz"));
  expect(imported.out).toBe("1 history: 2 entries added, 0 changed, 0 left as they were\n");
  expect((await run("new")).code).toBe(0);
  expect(alerts()).toBe(2);
  expect(JSON.parse((await state("new", "stats", "--json")).out)).toMatchObject([
    { component: "seen", first_seen: "2026-01-01T00:00:00.000Z", last_seen: "2026-01-01T02:00:00.000Z" },
  ]);
}, 60_000);

/** The same components, with nothing to read. */
const pipelineOf = (path: (name: string) => string): string => {
  const plan = JSON.parse(readFileSync(path("pipeline.yaml"), "utf8"));
  plan.sources.log = { type: "file", include: [path("none.ndjson")], codec: "json" };
  writeFileSync(path("idle.yaml"), JSON.stringify(plan));
  return path("idle.yaml");
};

it("what matches a condition is shown, then forgotten, and new again", async () => {
  const { state, run } = setUp();
  await run("data");
  const preview = await state("data", "forget", "--rule", "seen", "--where", "user.name: b*", "--dry-run");
  expect(preview.out).toBe("1 combination would be forgotten\n  bob\n");
  const done = await state("data", "forget", "--rule", "seen", "--where", "user.name=bob");
  expect(done.out).toBe("1 combination forgotten\n  bob\n");
  expect((await state("data", "export", "seen")).out).not.toContain("bob");
  const none = await state("data", "forget", "--rule", "seem");
  expect(none.code).toBe(1);
  expect(none.log.map(({ msg }) => msg).join()).toContain('Nothing is remembered for a rule "seem".');
  const wrong = await state("data", "forget", "--rule", "seen", "--where", "user.name: (");
  expect(wrong.code).toBe(1);
}, 60_000);

it("a wrong file is refused with the number of the line, however long it is, and nothing is imported", async () => {
  const { path, state, run } = setUp();
  await run("data");
  await state("data", "export", "seen", "--to", path("good.ndjson"));
  const whole = readFileSync(path("good.ndjson"), "utf8");
  const good = whole.replace(/.*weir_state_end.*\n/, "");
  const more = good.trimEnd().split("\n").at(-1)!.replaceAll("ann", "eve").replaceAll("bob", "eve");
  for (const [name, text, message] of [
    ["cut.ndjson", `${good}${more}\n`, 'line 6: the file ends without a line with "weir_state_end"'],
    ["long.ndjson", `${good}${more}\n${"x".repeat(1_000_000)}\n`, "line 6: it is longer than 256 KiB"],
    ["torn.ndjson.gz", gzipSync(`${good}${more}\n`).subarray(0, -12), "unexpected end of file"],
    ["text.ndjson.gz", "not compressed", "incorrect header check"],
  ] as const) {
    writeFileSync(path(name), text);
    const refused = await state("data", "import", path(name));
    expect(refused.code).toBe(1);
    expect(refused.log.map(({ msg }) => msg).join()).toContain("was not imported, and nothing was changed: ");
    expect(refused.log.map(({ msg }) => msg).join()).toContain(message);
    expect((await state("data", "export", "seen")).out).not.toContain("eve");
  }
}, 60_000);
