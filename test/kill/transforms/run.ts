import { expect } from "vitest";
import { expectConservation } from "../../end-to-end/conservation.ts";
import { readStats, runWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { killOften } from "../lives.ts";
import { Random } from "../random.ts";
import { TransformLoad } from "./load.ts";
import { type Documents, type Seen, type Sent, seenIn, sentIn } from "./sent.ts";
import { setUp } from "./setup.ts";

export interface Killed<Name extends string> {
  readonly seen: readonly Seen[];
  readonly sent: Readonly<Record<Name, Documents<Sent>>>;
}

/**
 * Kills weir many times while a log is written, lets it read the log to its end, and prints what happened. Every event was seen as it
 * was written, each once, and the counters agree.
 */
export const runThroughKills = async <Name extends string>(
  seed: number,
  kills: number,
  transforms: Readonly<Record<Name, object>>,
  prepare: (folder: string) => void = () => undefined,
): Promise<Killed<Name>> => {
  const folder = temporaryFolder();
  prepare(folder);
  const paths = setUp(folder, transforms);
  const [random, observed] = [new Random(seed), seenIn(paths.observed)];
  // A few lives see all kinds of events only if each sees many; with many lives, most of their time would be these.
  const load = new TransformLoad(paths.log, random, observed, kills < 10 ? 400 : 120);
  const written = () => load.events.length;
  const toll = await killOften({ paths, observed, random, kills, written }).finally(() => load.stop());
  const { code, log } = await runWeir(["run", paths.toTheEnd, "--data-dir", paths.dataDir, "--stats", paths.stats]);
  observed.look();
  const names = Object.keys(transforms) as unknown as readonly Name[];
  const sent = Object.fromEntries(names.map((name) => [name, sentIn(paths.output(name))])) as Record<
    Name,
    Documents<Sent>
  >;
  for (const name of names) sent[name].look();
  const errors = [...toll.errors, ...log.filter(({ level }) => level === "error").map(({ msg }) => msg)];
  expect({ seed, code, errors }).toEqual({ seed, code: 0, errors: [] });
  const events = observed.events.map(({ seen: _, ...event }) => event);
  expect({ changed: observed.changed, events }).toEqual({ changed: [], events: load.events });
  expectConservation(readStats(paths.stats));
  const counts = names.map((name) => `${name} ${sent[name].events.length} (${sent[name].repeats} repeats)`);
  console.log(
    `seed ${seed}: ${toll.working} kills at work, ${toll.starting} at the start, ${toll.idle} with nothing left to do; ${observed.events.length} events; ${counts.join(", ")}`,
  );
  return { seen: observed.events, sent };
};
