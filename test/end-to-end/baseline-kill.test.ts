import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { Random } from "../kill/random.ts";
import { pipelineFile, startWeir, temporaryFolder } from "./weir.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const kills = isLong ? 25 : 3;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const start = Date.UTC(2025, 0, 1);
const [files, eventsOfFile, liveEvents] = isLong ? [20, 3_000, 5_000] : [6, 2_000, 3_500];
/** How far back a user counts as known, and how long the rules learn, in milliseconds. */
const window = 2_000_000;
const learnFor = files * eventsOfFile * 1_000 + 2_000_000;

const ruleOf = (index: number, fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    id: `0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b4${index}`,
    title: "For tests",
    description: "For tests.",
    timestamp: "at",
    severity: "low",
    risk_score: 1,
    created: "2026-11-29",
    ...fields,
  });

const newUser = { type: "new_terms", query: "user:*", new_terms: { fields: ["user"], window: `${window}ms` } };
const opened = { type: "query", query: "action:open" };

interface Logged {
  readonly at: number;
  readonly number: number;
  readonly user: string;
  readonly action: string;
}

/** Which events raise which alert, and how many would have, by a plain loop. */
const expectedOf = (events: readonly Logged[]) => {
  const seen = new Map<string, number>();
  const alerts: string[] = [];
  const held = { new_user: [0, 0], opened: [0, 0] } as const satisfies Record<string, number[]>;
  for (const { at, number, user, action } of events) {
    const last = seen.get(user);
    const found = [
      ...(last !== undefined && at <= last + window ? [] : (["new_user"] as const)),
      ...(action === "open" ? (["opened"] as const) : []),
    ];
    seen.set(user, at);
    for (const rule of found)
      if (number < files * eventsOfFile) (held[rule] as number[])[1]! += 1;
      else if (at < events[0]!.at + learnFor) (held[rule] as number[])[0]! += 1;
      else alerts.push(`${rule} ${number}`);
  }
  return { alerts: alerts.sort(), held };
};

/** What is held back of each rule, as the data dir has it: while learning, and in the baseline. */
const heldIn = (dataDir: string) => {
  const database = new DatabaseSync(join(dataDir, "weir.db"), { readOnly: true });
  const rows = database
    .prepare("SELECT value FROM state WHERE component LIKE 'alerts/%/learning' AND key = 'held' ORDER BY component")
    .all() as { readonly value: string }[];
  database.close();
  const [ofUsers, ofOpened] = rows.map(({ value }) => JSON.parse(value));
  return { new_user: ofUsers, opened: ofOpened };
};

it(`L1, L2: a baseline is learned once, and then what is live, however often weir is killed (seed ${seed})`, async () => {
  const random = new Random(seed);
  const folder = temporaryFolder();
  const events: Logged[] = [];
  const logOf = (count: number) =>
    Array.from({ length: count }, () => {
      const number = events.length;
      const event = {
        at: start + number * 1_000,
        number,
        user: `u${random.between(0, 4_000)}`,
        action: random.chance(0.01) ? "open" : "shut",
      };
      events.push(event);
      return JSON.stringify(event);
    });
  for (let index = 0; index < files; index++) {
    const text = `${[...logOf(eventsOfFile), ...(index === 2 ? ["{"] : [])].join("\n")}\n`;
    // Names and times disagree, and the times count.
    const name = `${String.fromCharCode(122 - index)}.log${index % 2 === 0 ? ".gz" : ""}`;
    writeFileSync(join(folder, name), index % 2 === 0 ? gzipSync(text) : text);
    utimesSync(join(folder, name), start / 1_000 + index, start / 1_000 + index);
  }
  writeFileSync(join(folder, "live.ndjson"), `${logOf(liveEvents).join("\n")}\n`);
  writeFileSync(join(folder, "new_user.yaml"), ruleOf(0, newUser));
  writeFileSync(join(folder, "opened.yaml"), ruleOf(1, opened));
  const out = join(folder, "out.ndjson");
  const file = pipelineFile(folder, {
    sources: { in: { type: "file", include: [join(folder, "live.ndjson")], poll_interval: "50ms", codec: "json" } },
    transforms: {
      all: { type: "filter", inputs: ["in"], where: "user:*" },
      alerts: {
        type: "detection",
        inputs: ["all"],
        rules: ["new_user.yaml", "opened.yaml"],
        baseline: { from: [join(folder, "*.log"), join(folder, "*.log.gz")] },
        learn_for: `${learnFor}ms`,
      },
    },
    sinks: { out: { type: "file", inputs: ["alerts"], path: out }, rest: { type: "blackhole", inputs: ["all"] } },
  });
  const args = ["run", file, "--data-dir", join(folder, "data")];
  const expected = expectedOf(events);
  const alerts = () =>
    readFileSync(out, { encoding: "utf8", flag: "a+" })
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  for (let life = 0; life < kills; life++) {
    const weir = startWeir(args);
    await weir.said("running");
    await sleep(random.between(20, isLong ? 300 : 400));
    await weir.stop("SIGKILL");
  }
  const weir = startWeir(args);
  const ids = () => new Set(alerts().map((alert) => alert["kibana.alert.uuid"]));
  for (let waited = 0; ids().size < expected.alerts.length && waited < 60_000; waited += 100) await sleep(100);
  await sleep(300);
  const { code } = await weir.stop("SIGTERM");
  expect(code).toBe(0);
  const found = new Map(
    alerts().map((alert) => [
      alert["kibana.alert.uuid"],
      `${alert["kibana.alert.rule.type"] === "new_terms" ? "new_user" : "opened"} ${alert.number}`,
    ]),
  );
  expect([...found.values()].sort()).toEqual(expected.alerts);
  expect(heldIn(join(folder, "data"))).toEqual(expected.held);
  expect(expected.held.new_user[1]).toBeGreaterThan(1_000);
  expect(expected.alerts.length).toBeGreaterThan(20);
  const letters = startWeir(["dead-letters", "list", "--json", "--data-dir", join(folder, "data")]);
  const { out: listed } = await letters.ended;
  const reasons = listed.split("\n").filter((line) => line.includes("not_json"));
  expect(reasons.length).toBe(1);
}, 600_000);
