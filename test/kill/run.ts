import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { temporaryFolder, type Weir } from "../end-to-end/weir.ts";
import { isStray, type LogPlan } from "./audit-lines.ts";
import { killOften, startLife } from "./lives.ts";
import { Load } from "./load.ts";
import { LogWriter } from "./log-writer.ts";
import { Observed } from "./observed.ts";
import { Random } from "./random.ts";
import { leads, type Paths, setUp } from "./setup.ts";

export interface Run {
  readonly paths: Paths;
  readonly observed: Observed;
  readonly writers: readonly LogWriter[];
}

export interface RunPlan {
  readonly seed: number;
  /** Of the two logs; see `LogPlan`. */
  readonly realms: readonly [number, number];
  readonly kills: number;
}

/** Runs two logs under load through many kills, then to the end of what was written. */
export const runThroughKills = async ({ seed, realms, kills }: RunPlan): Promise<Run> => {
  const paths = setUp(temporaryFolder());
  const random = new Random(seed, ...realms);
  const observed = new Observed(paths.observed);
  const writers = (["north", "south"] as const).map(
    (source, index) => new LogWriter({ seed, source, realm: realms[index]! }, paths.logs[source], random),
  );
  const audit = writers.map(({ plan }) => counterOfAuditLines(plan));
  const written = () => writers.reduce((total, writer, index) => total + audit[index]!(writer.written), 0);
  const load = new Load(writers, observed, random, leads);
  const toll = await killOften({ paths, observed, random, kills, written }).finally(() => load.stop());

  const last = startLife(paths);
  await allObserved(observed, written(), last);
  const { code, log } = await last.stop("SIGTERM");
  observed.look();
  const rotations = writers.reduce((total, writer) => total + writer.rotations, 0);
  console.log(
    `seed ${seed}: ${toll.working} kills at work, ${toll.starting} at the start, ${toll.idle} with nothing left to do; ${written()} events, ${rotations} rotations, ${observed.repeats} repeats`,
  );
  const errors = log.filter(({ level }) => level === "error").map(({ msg }) => msg);
  expect({ code, errors: [...toll.errors, ...errors] }).toEqual({ code: 0, errors: [] });
  return { paths, observed, writers };
};

/** Resolves when all is observed, or when nothing has come for long: something is lost. */
const allObserved = async (observed: Observed, wanted: number, weir: Weir): Promise<void> => {
  for (let [waited, before] = [0, -1]; waited < 60_000 && weir.isAlive; waited += 20) {
    observed.look();
    if (observed.events.length >= wanted) return;
    if (observed.events.length > before) waited = 0;
    before = observed.events.length;
    await sleep(20);
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
