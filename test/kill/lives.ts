import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startWeir, type Weir } from "../end-to-end/weir.ts";
import type { Random } from "./random.ts";

/** Where the pipeline of a kill test is, and what weir keeps of it. It has a file sink named `observed`. */
export interface LifePaths {
  readonly pipeline: string;
  readonly dataDir: string;
  readonly stats: string;
}

/** What has come out so far. */
interface Watched {
  readonly events: { readonly length: number };
  /** Takes in what has come since the last look. */
  look(): void;
}

/** When in its life a process is killed: some time after its start, after it runs, after it has delivered something, or
 *  while it drains after a signal to stop. */
type Moment = "starting" | "running" | "delivering" | "stopping";

/** The kills so far, by what they interrupted. */
export interface Toll {
  /** Before its first batch was stored, with work waiting. */
  starting: number;
  /** After it had stored something, with more waiting. */
  working: number;
  /** Nothing was left to do, or it had just stopped by itself: such kills are not counted. */
  idle: number;
  /** What the processes logged as errors. */
  readonly errors: string[];
}

/** Starts weir on the pipeline of a kill test. */
export const startLife = ({ pipeline, dataDir, stats }: LifePaths): Weir =>
  startWeir(["run", pipeline, "--data-dir", dataDir, "--stats", stats]);

export interface Lives {
  readonly paths: LifePaths;
  readonly observed: Watched;
  readonly random: Random;
  readonly kills: number;
  /** How many events there are to observe of what is written so far. */
  readonly written: () => number;
}

/** One life after the other, each ended by SIGKILL, until enough of them were ended in the middle of their work. */
export const killOften = async ({ paths, observed, random, kills, written }: Lives): Promise<Toll> => {
  const toll: Toll = { starting: 0, working: 0, idle: 0, errors: [] };
  // Two in five at most may be kills of a start.
  while (toll.working + Math.min(toll.starting, 0.4 * kills) < kills) {
    const before = storedIn(paths.dataDir);
    const weir = startLife(paths);
    const moment = pick(random, toll.starting < 0.4 * kills);
    const isBehind = () => {
      observed.look();
      return observed.events.length < written();
    };
    await until(moment, weir, observed, random);
    // A kill counts while something is left to do: the load pauses, but not for long.
    for (let looks = 0; !isBehind() && moment !== "stopping" && weir.isAlive && looks < 20; looks++)
      await sleep(random.between(1, 60));
    const { code, signal, log } = await weir.stop("SIGKILL");
    const hasStopped = moment === "stopping" && code === 0;
    if (signal !== "SIGKILL" && !hasStopped)
      throw new Error(`weir ended by itself with ${code}: ${JSON.stringify(log)}`);
    const hasStored = storedIn(paths.dataDir) !== before;
    toll[!isBehind || hasStopped ? "idle" : hasStored ? "working" : "starting"]++;
    for (const { level, msg } of log) if (level === "error") toll.errors.push(msg);
  }
  return toll;
};

/** Changes with each batch that gets to the disk. Only a look: whoever opens the database may repair it. */
const storedIn = (dataDir: string): string => {
  try {
    const directory = join(dataDir, "outboxes/observed");
    return readdirSync(directory)
      .map((name) => `${name} ${statSync(join(directory, name)).size}`)
      .join(", ");
  } catch {
    return "nothing";
  }
};

/** Once enough starts were killed, moments at which one may be going on are chosen no more. */
const pick = (random: Random, mayBeStarting: boolean): Moment => {
  if (mayBeStarting && random.chance(0.35)) return random.chance(0.2) ? "starting" : "running";
  return random.chance(0.8) ? "delivering" : "stopping";
};

/** Waits for the moment, and a random time more: longer on a slow machine. */
const until = async (moment: Moment, weir: Weir, observed: Watched, random: Random): Promise<void> => {
  if (moment === "starting") return sleep(random.between(0, 400));
  const start = performance.now();
  await weir.said("running");
  const pace = (performance.now() - start) / 400;
  if (moment === "running") return sleep(pace * random.between(20, random.chance(0.2) ? 1_500 : 400));
  const before = observed.events.length;
  for (let waited = 0; observed.events.length === before && waited < 5_000 && weir.isAlive; waited += 2) {
    await sleep(2);
    observed.look();
  }
  await sleep(random.between(0, random.chance(0.2) ? 400 : 120));
  if (moment !== "stopping") return;
  weir.child.kill("SIGTERM");
  await sleep(random.between(0, 60));
};
