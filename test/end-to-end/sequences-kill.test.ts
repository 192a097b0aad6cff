import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { plainly } from "../../src/eql/testing/plain-sequences.ts";
import { Random } from "../kill/random.ts";
import { pipelineFile, startWeir, temporaryFolder } from "./weir.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const kills = isLong ? 25 : 2;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const start = Date.UTC(2025, 0, 1);
const lateness = 100;
const letters = ["A", "B", "C", "X"];

/** Each rule: its stages, whether their events must be missing, and maxspan. */
const rules = [
  { name: "pair", stages: "AB", missing: [false, false], maxspan: 300 },
  { name: "alone", stages: "AC", missing: [false, true], maxspan: 200 },
];

const ruleText = (
  { name, stages, missing, maxspan }: (typeof rules)[number],
  index: number,
) => `id: 0d4f6c53-3a0e-4a5f-8f5c-52f0a4cf7b3${index}
title: ${name}
description: For tests.
type: eql
query: |
  sequence by user with maxspan=${maxspan}ms
${[...stages].map((letter, stage) => `    ${missing[stage] ? "!" : ""}[any where letter == "${letter}"]`).join("\n")}
timestamp: at
correlation: { lateness: ${lateness}ms, tiebreaker: number }
severity: low
risk_score: 1
created: "2026-11-29"
`;

interface Logged {
  readonly at: number;
  readonly number: number;
  readonly user: string;
  readonly letter: string;
}

const expectedOf = (logged: readonly Logged[]): string[] => {
  const sorted = logged.toSorted((a, b) => a.at - b.at || a.number - b.number);
  return rules.flatMap(({ name, stages, missing, maxspan }) =>
    ["u0", "u1", "u2"].flatMap((user) => {
      const own = sorted.filter((each) => each.user === user);
      const steps = own.map(({ at, letter }) => ({
        time: at,
        stages: [...stages].flatMap((wanted, stage) => (wanted === letter ? [stage] : [])),
        isUntil: false,
      }));
      return plainly({ missing, maxspan }, steps).map((sequence) =>
        [name, ...sequence.flatMap((step) => (step === undefined ? [] : own[step]!.number))].join(" "),
      );
    }),
  );
};

it(`L1: sequences are those of a plain loop, and each once, however often weir is killed (seed ${seed})`, async () => {
  const random = new Random(seed);
  const folder = temporaryFolder();
  const log = join(folder, "in.ndjson");
  const out = join(folder, "out.ndjson");
  writeFileSync(log, "");
  for (const [index, rule] of rules.entries()) writeFileSync(join(folder, `${rule.name}.yaml`), ruleText(rule, index));
  const file = pipelineFile(folder, {
    sources: { in: { type: "file", include: [log], poll_interval: "50ms", codec: "json" } },
    transforms: { alerts: { type: "detection", inputs: ["in"], rules: rules.map(({ name }) => `${name}.yaml`) } },
    sinks: { out: { type: "file", inputs: ["alerts"], path: out } },
  });
  const args = ["run", file, "--data-dir", join(folder, "data")];
  const logged: Logged[] = [];
  let latest = start;
  const step = () => {
    const at = random.chance(0.4) ? latest - random.between(0, lateness) : latest + random.between(0, 40);
    latest = Math.max(latest, at);
    const event = {
      at,
      number: logged.length,
      user: `u${random.between(0, 2)}`,
      letter: letters[random.between(0, 3)]!,
    };
    logged.push(event);
    appendFileSync(log, `${JSON.stringify(event)}\n`);
  };
  /** The alerts so far, by their ids. */
  const alerts = () => {
    const lines = readFileSync(out, { encoding: "utf8", flag: "a+" }).split("\n").slice(0, -1);
    return new Set(lines);
  };
  for (let life = 0; life < kills; life++) {
    const weir = startWeir(args);
    const until = Date.now() + random.between(700, 2_000);
    while (weir.isAlive && (Date.now() < until || alerts().size === 0)) {
      for (let steps = random.between(0, 30); steps > 0; steps--) step();
      await sleep(random.between(0, 20));
    }
    await weir.stop("SIGKILL");
  }
  // A last event says that the time of all others is over.
  appendFileSync(log, `${JSON.stringify({ at: latest + 60_000, user: "u0", letter: "X" })}\n`);
  const expected = expectedOf(logged);
  const shells = () =>
    [...alerts()].map((line) => JSON.parse(line)).filter((alert) => alert["kibana.alert.depth"] === 2);
  const weir = startWeir(args);
  for (let waited = 0; shells().length < expected.length && waited < 60_000; waited += 100) await sleep(100);
  await sleep(500);
  expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  const numbers = new Map<string, number>();
  for (const line of alerts()) {
    const { weir: _, number, ...alert } = JSON.parse(line);
    if (alert["kibana.alert.depth"] === 1) numbers.set(alert["kibana.alert.uuid"], number);
  }
  const found = shells().map((alert) =>
    [
      alert["kibana.alert.rule.name"],
      ...alert["kibana.alert.ancestors"]
        .filter(({ type }: { readonly type: string }) => type === "signal")
        .map(({ id }: { readonly id: string }) => numbers.get(id)),
    ].join(" "),
  );
  expect(found.sort()).toEqual(expected.sort());
  expect(found.length).toBeGreaterThan(20);
  console.log(`${kills} kills, ${logged.length} events, ${found.length} sequences`);
}, 600_000);
