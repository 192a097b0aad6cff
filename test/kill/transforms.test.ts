import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { readStats, runWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { killOften } from "./lives.ts";
import { Random } from "./random.ts";
import { expectTransformLaws } from "./transforms/laws.ts";
import { TransformLoad } from "./transforms/load.ts";
import { type Documents, type Sent, seenIn, sentIn } from "./transforms/sent.ts";
import { type Output, outputs, setUp } from "./transforms/setup.ts";

/** WEIR_LONG kills more often; WEIR_SEED makes a run like an earlier one, as far as the machine's timing allows. */
const [runs, kills] = process.env["WEIR_LONG"] ? [8, 25] : [1, 2];
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Kills weir many times while a log is written, and lets it read the log to its end. */
const runThroughKills = async (seed: number) => {
  const paths = setUp(temporaryFolder());
  const [random, observed] = [new Random(seed), seenIn(paths.observed)];
  const load = new TransformLoad(paths.log, random, observed);
  const written = () => load.events.length;
  const toll = await killOften({ paths, observed, random, kills, written }).finally(() => load.stop());
  const { code, log } = await runWeir(["run", paths.toTheEnd, "--data-dir", paths.dataDir, "--stats", paths.stats]);
  observed.look();
  const sent = Object.fromEntries(outputs.map((name) => [name, sentIn(paths.output(name))])) as Record<
    Output,
    Documents<Sent>
  >;
  for (const documents of Object.values(sent)) documents.look();
  const errors = [...toll.errors, ...log.filter(({ level }) => level === "error").map(({ msg }) => msg)];
  expect({ seed, code, errors }).toEqual({ seed, code: 0, errors: [] });
  return { paths, load, toll, observed, sent };
};

it("L1, L2: throttle, dedupe, aggregate, reduce, thresholds and limits do what plain loops do, killed at any instant", async () => {
  for (let run = 0; run < runs; run++) {
    const { paths, load, toll, observed, sent } = await runThroughKills(seed + run);
    const events = observed.events.map(({ seen: _, ...event }) => event);
    expect({ changed: observed.changed, events }).toEqual({ changed: [], events: load.events });
    expectTransformLaws({ seen: observed.events, sent });
    expectConservation(readStats(paths.stats));
    const counts = outputs.map((name) => `${name} ${sent[name].events.length} (${sent[name].repeats} repeats)`);
    console.log(
      `seed ${seed + run}: ${toll.working} kills at work, ${toll.starting} at the start, ${toll.idle} with nothing left to do; ${observed.events.length} events; ${counts.join(", ")}`,
    );
  }
}, 1_800_000);
