import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { plainly } from "../../src/eql/testing/plain-sequences.ts";
import { killOften } from "../kill/lives.ts";
import { Random } from "../kill/random.ts";
import { Documents } from "../kill/transforms/sent.ts";
import { pipelineFile, runWeir, temporaryFolder } from "./weir.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const kills = isLong ? 200 : 25;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const start = Date.UTC(2025, 0, 1);
/** Longer than any pause of the machine: while weir has nothing to read, time goes on. In milliseconds, as all below. */
const lateness = 20_000;
const letters = ["A", "B", "C", "X"];
/** How far writing may be ahead of what is observed, in events. */
const lead = 1_000;

/** Each rule: its stages, whether their events must be missing, and maxspan. */
const rules = [
  { name: "pair", stages: "AB", missing: [false, false], maxspan: 60_000 },
  { name: "alone", stages: "AC", missing: [false, true], maxspan: 40_000 },
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

/** Writes the log, whether weir runs or not, until it is stopped. */
class SequencesLoad {
  readonly events: Logged[] = [];
  readonly #path: string;
  readonly #random: Random;
  readonly #observed: { readonly events: { readonly length: number } };
  readonly #done: Promise<void>;
  #latest = start;
  #isStopped = false;

  constructor(path: string, random: Random, observed: { readonly events: { readonly length: number } }) {
    this.#path = path;
    this.#random = random;
    this.#observed = observed;
    writeFileSync(path, "");
    this.#done = this.#run();
  }

  /** Ends the log with an event that says that the time of all others is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
    appendFileSync(this.#path, `${JSON.stringify({ at: this.#latest + 3_600_000, user: "u0", letter: "X" })}\n`);
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      if (this.events.length - this.#observed.events.length < lead)
        for (let steps = this.#random.between(0, 30); steps > 0; steps--) this.#write();
      await sleep(this.#random.between(0, 20));
    }
  }

  #write(): void {
    const random = this.#random;
    const at = random.chance(0.4)
      ? this.#latest - random.between(0, lateness)
      : this.#latest + random.between(0, 8_000);
    this.#latest = Math.max(this.#latest, at);
    const letter = letters[random.between(0, 3)]!;
    const event = { at, number: this.events.length, user: `u${random.between(0, 2)}`, letter };
    this.events.push(event);
    appendFileSync(this.#path, `${JSON.stringify(event)}\n`);
  }
}

const setUp = (folder: string) => {
  const path = (name: string) => join(folder, name);
  for (const [index, rule] of rules.entries()) writeFileSync(path(`${rule.name}.yaml`), ruleText(rule, index));
  const pipeline = (follow: boolean, name: string) =>
    pipelineFile(
      folder,
      {
        sources: { in: { type: "file", include: [path("in.ndjson")], poll_interval: "20ms", codec: "json", follow } },
        transforms: { alerts: { type: "detection", inputs: ["in"], rules: rules.map(({ name }) => `${name}.yaml`) } },
        sinks: {
          observed: { type: "file", inputs: ["in"], path: path("observed.ndjson") },
          out: { type: "file", inputs: ["alerts"], path: path("out.ndjson") },
        },
      },
      name,
    );
  return {
    pipeline: pipeline(true, "pipeline.yaml"),
    toTheEnd: pipeline(false, "to-the-end.yaml"),
    dataDir: path("data"),
    stats: path("stats.json"),
    log: path("in.ndjson"),
    observed: path("observed.ndjson"),
    out: path("out.ndjson"),
  };
};

it(`L1: sequences are those of a plain loop, and each once, however often weir is killed (seed ${seed})`, async () => {
  const random = new Random(seed);
  const paths = setUp(temporaryFolder());
  const numberOf = ({ number }: Logged) => String(number);
  const observed = new Documents<Logged>(paths.observed, numberOf, numberOf);
  const load = new SequencesLoad(paths.log, random, observed);
  const written = () => load.events.length;
  const toll = await killOften({ paths, observed, random, kills, written }).finally(() => load.stop());
  expect(await runWeir(["run", paths.toTheEnd, "--data-dir", paths.dataDir])).toMatchObject({ code: 0 });
  // After a kill, an alert may come again, as it was.
  const alerts = [...new Set(readFileSync(paths.out, "utf8").split("\n").slice(0, -1))].map((line) => JSON.parse(line));
  const numbers = new Map<string, number>();
  for (const { weir: _, number, ...alert } of alerts)
    if (alert["kibana.alert.depth"] === 1) numbers.set(alert["kibana.alert.uuid"], number);
  const found = alerts
    .filter((alert) => alert["kibana.alert.depth"] === 2)
    .map((alert) =>
      [
        alert["kibana.alert.rule.name"],
        ...alert["kibana.alert.ancestors"]
          .filter(({ type }: { readonly type: string }) => type === "signal")
          .map(({ id }: { readonly id: string }) => numbers.get(id)),
      ].join(" "),
    );
  expect(found.sort()).toEqual(expectedOf(load.events).sort());
  expect(found.length).toBeGreaterThan(20);
  expect(toll.errors).toEqual([]);
  console.log(
    `${toll.working} kills at work, ${toll.starting} at the start, ${toll.idle} with nothing left to do; ${load.events.length} events, ${found.length} sequences`,
  );
}, 600_000);
