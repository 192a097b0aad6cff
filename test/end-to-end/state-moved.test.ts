import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { reachControl } from "../../src/control/client.ts";
import { pipelineFile, readLinesSoFar, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const start = Date.UTC(2026, 0, 1);
const eql = (query: string) => ({ type: "eql", query, correlation: { lateness: "0s" } });
const rules = [
  { name: "new_user", type: "new_terms", query: "letter:*", new_terms: { fields: ["user"], window: "7d" } },
  { name: "burst", type: "threshold", query: "letter:*", threshold: { fields: ["user"], value: 4, window: "1h" } },
  { name: "pair", ...eql('sequence by user with maxspan=1h [any where letter == "A"] [any where letter == "B"]') },
  { name: "sampled", ...eql('sample by user [any where letter == "A"] [any where letter == "C"]') },
  { name: "held", type: "query", query: "letter:A" },
].map((rule, index) => ({
  id: `0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b4${index}`,
  title: rule.name,
  description: "For tests.",
  severity: "low",
  risk_score: 1,
  created: "2026-01-01",
  timestamp: "at",
  ...rule,
}));

/** What came before the move, and what comes after it: most is found only by who has seen both. */
const [before, after] = [
  [
    ["ann", "A"],
    ["ann", "X"],
    ["bob", "A"],
    ["ann", "X"],
    ["eve", "C"],
  ],
  [
    ["ann", "B"],
    ["bob", "B"],
    ["eve", "A"],
    ["ann", "A"],
    ["kim", "A"],
  ],
] as const;

const setUp = () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  for (const { name, ...rule } of rules) writeFileSync(path(`${name}.yaml`), JSON.stringify(rule));
  const plan = {
    sources: { log: { type: "file", include: [`${folder}/*.ndjson`], codec: "json" } },
    transforms: {
      once: { type: "dedupe", inputs: ["log"], fields: ["number"], window: "1h" },
      alerts: {
        type: "detection",
        inputs: ["once"],
        rules: rules.map(({ name }) => `${name}.yaml`),
        overrides: { held: { suppression: { group_by: ["user"], duration: "1h" } } },
      },
    },
    sinks: { out: { type: "file", inputs: ["alerts"], path: path("out.json") } },
  };
  const file = pipelineFile(folder, plan);
  const write = (events: readonly (readonly [string, string])[], from: number) => {
    const lines = events.map(([user, letter], index) => {
      const number = from + index;
      return `${JSON.stringify({ user, letter, number, at: new Date(start + number * 1_000).toISOString() })}\n`;
    });
    appendFileSync(path(`${from}.ndjson`), lines.join(""));
  };
  /** Runs until all lines that are there were read. */
  const run = async (dataDir: string, received: number) => {
    const weir = startWeir(["run", file, "--data-dir", path(dataDir)]);
    await weir.said("running");
    for (;;) {
      const status = await (await reachControl(path(dataDir)))?.status();
      const once = status?.phase === "running" ? status.components["once"] : undefined;
      if (once && once.component_received_events_total >= received && once.component_in_flight_events === 0) break;
      await sleep(20);
    }
    const ended = await weir.stop("SIGTERM");
    expect(ended.code).toBe(0);
  };
  const state = (...args: string[]) => runWeir(["state", ...args]);
  const alerts = () => readLinesSoFar(path("out.json"));
  return { folder, path, plan, file, write, run, state, alerts };
};

/** What does not depend on when an event was received, and which name a file got from the weir that read it. */
const partsOf = (alert: Record<string, unknown>) =>
  ["rule.name", "reason", "group.index", "new_terms"].map((name) => alert[`kibana.alert.${name}`]);

const namesOf = (alerts: readonly Record<string, unknown>[]) =>
  alerts.map((alert) => `${alert["kibana.alert.rule.name"]} ${alert["kibana.alert.building_block_type"] ?? ""}`).sort();

it("a weir that moved to another machine finds what began on the old one", async () => {
  const { folder, path, plan, file, write, run, state, alerts } = setUp();
  write(before, 0);
  await run("old", before.length);
  const first = alerts();
  expect(namesOf(first)).toEqual(["held ", "held ", "new_user ", "new_user ", "new_user "]);

  // All of it is exported, or only histories when that is what is asked for.
  const partly = await state("export", "alerts", "--data-dir", path("old"));
  expect(partly).toMatchObject({ code: 1, out: "" });
  expect(partly.log.map(({ msg }) => msg).join()).toContain('"alerts" remembers more than histories of new terms.');
  const exported = await state("export", "--pipeline", file, "--data-dir", path("old"), "--to", path("all.ndjson.gz"));
  expect(exported.log).toEqual([]);
  expect(exported.out).toMatch(/all\.ndjson\.gz: \d+ keys of once, alerts, 3 entries of new_user\n$/);

  // It is imported into a data dir that is not there yet: all of it, or nothing.
  const into = (name: string, ...more: string[]) => state("import", name, "--data-dir", path("new"), ...more);
  const unnamed = await into(path("all.ndjson.gz"));
  expect(unnamed.code).toBe(1);
  expect(unnamed.log.map(({ msg }) => msg).join()).toContain(
    'line 2: what "once" remembers belongs to its rules and options',
  );
  expect(existsSync(path("new"))).toBe(false);
  const lines = gunzipSync(readFileSync(path("all.ndjson.gz"))).toString();
  writeFileSync(path("edited"), lines.replace('"epoch":0', '"epoch":1'));
  const edited = await into(path("edited"), "--pipeline", file);
  expect(edited.log.map(({ msg }) => msg).join()).toContain("line 2: its seal is broken");
  expect(existsSync(path("new"))).toBe(false);
  const other = { ...plan, transforms: { ...plan.transforms, once: { ...plan.transforms.once, fields: ["user"] } } };
  const refused = await into(path("all.ndjson.gz"), "--pipeline", pipelineFile(folder, other, "other.yaml"));
  expect(refused.log.map(({ msg }) => msg).join()).toContain(
    'line 2: "once" has another fields in the pipeline: ["user"] instead of ["number"]. Import it with the pipeline',
  );
  const imported = await into(path("all.ndjson.gz"), "--pipeline", file);
  expect(imported.code).toBe(0);
  expect(imported.out).toMatch(
    /^2 components: \d+ keys added\n1 history: 3 entries added, 0 changed, 0 left as they were\n$/,
  );
  expect(imported.log.map(({ msg }) => msg)).toEqual([`"${path("new")}" is a new data dir.`]);
  const again = await into(path("all.ndjson.gz"), "--pipeline", file);
  expect(again.log.map(({ msg }) => msg).join()).toContain('line 2: "once" remembers something already');
  expect((await into(path("all.ndjson.gz"), "--pipeline", file, "--replace")).code).toBe(0);

  // The old events come again, and are duplicates: whoever moves only the state reads the files anew.
  write(after, before.length);
  await run("new", before.length + after.length);
  const moved = alerts().slice(first.length);
  await run("old", after.length);
  const stayed = alerts().slice(first.length + moved.length);
  expect(moved.map(partsOf)).toEqual(stayed.map(partsOf));
  // The first event of a sequence has the id that it got on the old machine.
  const idsOf = (alert: Record<string, unknown>) =>
    (alert["kibana.alert.ancestors"] as { readonly id: string }[]).map(({ id }) => id);
  const pair = moved.find((alert) => alert["kibana.alert.rule.name"] === "pair")!;
  expect(first.flatMap(idsOf)).toContain(idsOf(pair)[0]);
  expect([...new Set(namesOf(moved).map((name) => name.split(" ")[0]))]).toEqual([
    "burst",
    "held",
    "new_user",
    "pair",
    "sampled",
  ]);
  expect(namesOf(moved).filter((name) => name.startsWith("new_user"))).toHaveLength(1);
}, 300_000);

it("a weir that runs is exported as it is, and nothing is imported into it", async () => {
  const { path, file, write, state } = setUp();
  write(before, 0);
  const weir = startWeir(["run", file, "--data-dir", path("data")]);
  await weir.said("running");
  let exported = await state("export", "--pipeline", file, "--data-dir", path("data"));
  while (exported.code !== 0 || !exported.out.includes("eve")) {
    await sleep(100);
    exported = await state("export", "--pipeline", file, "--data-dir", path("data"));
  }
  writeFileSync(path("running"), exported.out);
  const refused = await state("import", path("running"), "--pipeline", file, "--data-dir", path("data"), "--replace");
  expect(refused.code).toBe(1);
  expect(refused.log.map(({ msg }) => msg).join()).toContain("in use by another weir");
  expect((await weir.stop("SIGTERM")).code).toBe(0);
  const imported = await state("import", path("running"), "--pipeline", file, "--data-dir", path("copy"), "--json");
  expect(JSON.parse(imported.out)).toMatchObject({ components: 2, histories: 1, added: 3, left: [] });
  const stats = async (dataDir: string) =>
    JSON.parse((await state("stats", "--json", "--data-dir", path(dataDir))).out);
  expect(await stats("copy")).toEqual(await stats("data"));
  expect(readdirSync(path("copy"))).toContain("weir.db");
}, 300_000);
