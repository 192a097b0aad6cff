import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation, expectEdge } from "../end-to-end/conservation.ts";
import { readStats, temporaryFolder, type Weir } from "../end-to-end/weir.ts";
import { type Alerts, readAlerts } from "./alerts.ts";
import { isStray, type LogPlan, lineOf, strayMark } from "./audit-lines.ts";
import { integrityOf, outboxRow, readDeadLetters, segmentsOf } from "./dead-letters.ts";
import { killOften, startLife } from "./lives.ts";
import { Load } from "./load.ts";
import { LogWriter } from "./log-writer.ts";
import { Observed } from "./observed.ts";
import { oracleAlerts } from "./oracle.ts";
import { Random } from "./random.ts";
import { maxLead, oracleRules, type Paths, setUp } from "./setup.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

interface Run {
  readonly paths: Paths;
  readonly observed: Observed;
  readonly writers: readonly LogWriter[];
}

/** Runs two logs under load through many kills, then to the end of what was written. */
const runThroughKills = async (realms: readonly [number, number], kills: number): Promise<Run> => {
  const paths = setUp(temporaryFolder());
  const random = new Random(seed, ...realms);
  const observed = new Observed(paths.observed);
  const writers = (["north", "south"] as const).map(
    (source, index) => new LogWriter({ seed, source, realm: realms[index]! }, paths.logs[source], random),
  );
  const audit = writers.map(({ plan }) => counterOfAuditLines(plan));
  const written = () => writers.reduce((total, writer, index) => total + audit[index]!(writer.written), 0);
  const load = new Load(writers, observed, random, { backlog: 5_000, other: 1_000 });
  const toll = await killOften({ paths, observed, random, kills, written });
  await load.stop();

  const last = startLife(paths);
  await quiet(observed, written(), last);
  const { code, log } = await last.stop("SIGTERM");
  observed.look();
  expect({ code, errors: log.filter(({ level }) => level === "error") }).toEqual({ code: 0, errors: [] });
  const rotations = writers.reduce((total, writer) => total + writer.rotations, 0);
  console.log(
    `seed ${seed}: ${toll.working} kills at work, ${toll.starting} at the start, ${toll.idle} with nothing left to do; ${written()} events, ${rotations} rotations, ${observed.repeats} repeats`,
  );
  return { paths, observed, writers };
};

/** Resolves when all is observed and a little time has passed, or when nothing has come for long: something is lost. */
const quiet = async (observed: Observed, wanted: number, weir: Weir): Promise<void> => {
  for (let [waited, before] = [0, -1]; waited < 10_000 && weir.isAlive; waited += 20) {
    await sleep(20);
    observed.look();
    if (observed.events.length >= wanted) return sleep(200);
    if (observed.events.length > before) waited = 0;
    before = observed.events.length;
  }
};

/** How many of the first lines are audit events; asked with growing numbers. */
const counterOfAuditLines = (plan: LogPlan) => {
  let [counted, count] = [0, 0];
  return (upTo: number): number => {
    for (; counted < upTo; counted++) if (!isStray(plan, counted)) count++;
    return count;
  };
};

const numbersOf = ({ written }: LogWriter): number[] => Array.from({ length: written }, (_, number) => number);

/** L1 for what went through: every line once, as it was written, each log in its order. */
const expectAllObserved = ({ observed, writers }: Run): void => {
  expect(observed.changed).toEqual([]);
  for (const writer of writers) {
    const { plan } = writer;
    const wanted = numbersOf(writer)
      .filter((number) => !isStray(plan, number))
      .map((number) => lineOf(plan, number));
    const found = observed.lines.get(plan.source) ?? [];
    const at = wanted.findIndex((line, index) => line !== found[index]);
    expect({ source: plan.source, lines: found.length, at, found: found[at] }).toEqual({
      source: plan.source,
      lines: wanted.length,
      at: -1,
      found: undefined,
    });
  }
};

/** L1 for what could not: state is exactly once, so no line is there twice, and each with its place in its file. */
const expectAllStraysBuried = ({ paths, writers }: Run): void => {
  const found = readDeadLetters(paths.dataDir).map(({ head, data }) => {
    const [mark] = /stray-\w+-\d+-/.exec(data.raw ?? data.message ?? JSON.stringify(data)) ?? [""];
    return `${mark} ${head.component} ${head.source} ${head.position}`;
  });
  const wanted = writers.flatMap((writer) =>
    numbersOf(writer)
      .filter((number) => isStray(writer.plan, number))
      .map((number) => {
        const { plan, offsets } = writer;
        const decodes = plan.source === "north" && !lineOf(plan, number).startsWith('{"note"');
        return `${strayMark(plan, number)} ${decodes ? "north" : "ecs"} ${plan.source} ${offsets[number]}`;
      }),
  );
  expect(found.sort()).toEqual(wanted.sort());
};

/** L2: the alerts are those of the sequential oracle over the run's own order, and repeats are the same. */
const expectOracleAlerts = ({ paths, observed }: Run): Alerts => {
  const alerts = readAlerts(paths.alerts);
  const wanted = Object.values(oracleRules).flatMap((rule) => [...oracleAlerts(observed.events, rule)]);
  expectSame([...alerts.byText.keys()], wanted);
  expect({ changed: alerts.changed, ids: alerts.ids }).toEqual({ changed: [], ids: alerts.byText.size });
  console.log(`${alerts.ids} alerts, ${alerts.repeats} repeats`);
  return alerts;
};

const expectSame = (found: readonly string[], wanted: readonly string[]): void => {
  const [has, wants] = [new Set(found), new Set(wanted)];
  const missed = wanted.filter((text) => !has.has(text));
  const invented = found.filter((text) => !wants.has(text));
  expect({ missed: missed.slice(0, 5), invented: invented.slice(0, 5) }).toEqual({ missed: [], invented: [] });
};

/** L3 for the last life, which came to its end, and what it left on disk. */
const expectAllSettled = ({ paths: { stats: path, dataDir } }: Run): void => {
  const stats = readStats(path);
  expectConservation(stats);
  expectEdge(stats, ["north", "south"], "ecs");
  expectEdge(stats, ["ecs"], "detect");
  expectEdge(stats, ["ecs"], "observed");
  expectEdge(stats, ["detect"], "alerts");
  expect(integrityOf(dataDir)).toBe("ok");
  for (const sink of ["observed", "alerts"]) {
    const delivered = outboxRow(dataDir, "delivered", sink)!;
    expect({ sink, end: outboxRow(dataDir, "outbox_end", sink), left: stats.outbox_bytes[sink] }).toEqual({
      sink,
      end: delivered,
      left: 0,
    });
    expect(segmentsOf(dataDir, sink).map((name) => Number.parseInt(name, 10))).toEqual([delivered.segment]);
  }
};

const expectLaws = (run: Run): Alerts => {
  expectAllObserved(run);
  expectAllStraysBuried(run);
  expectAllSettled(run);
  return expectOracleAlerts(run);
};

it("L1, L2: two logs that share their terms, killed at any instant", async () => {
  expectLaws(await runThroughKills([1, 1], isLong ? 100 : 13));
}, 1_200_000);

it("L1, L2: two logs that share no terms give what an uninterrupted run gives", async () => {
  const run = await runThroughKills([2, 3], isLong ? 100 : 12);
  const alerts = expectLaws(run);
  // Each log on its own, in the order in which it was written: what a run without a kill sees. Stamps differ from run to
  // run, so that of the rules by stamp only the one whose window outlasts the run can be told in advance.
  const uninterrupted = run.writers.flatMap(({ plan: { source } }) => {
    const own = run.observed.events.filter(({ auditID }) => auditID.startsWith(`${source}-`));
    return [oracleRules.headline, oracleRules.byTime].flatMap((rule) => [...oracleAlerts(own, rule)]);
  });
  const foretold = [...alerts.byText.keys()].filter((text) => !text.startsWith(oracleRules.byStamp.title));
  expectSame(foretold, uninterrupted);
}, 1_200_000);

it("the load keeps the event-time rule's promise of exactness", () => {
  expect(maxLead).toBeGreaterThanOrEqual(5_000 + 1_000 + 1_000);
});
