import fc from "fast-check";
import { expect, it } from "vitest";
import { differences } from "./laws.ts";
import { graphs } from "./plan.ts";
import { live, lives, newWorld } from "./world.ts";

/** WEIR_LONG runs more graphs; WEIR_SEED repeats an earlier run. */
const numRuns = process.env["WEIR_LONG"] ? 150 : 10;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

it("L1, L2, L3: any graph behaves like a plain loop, through power cuts, stops and clock changes", async () => {
  const counts = { lives: 0, commits: 0, batches: 0, ticks: 0 };
  await fc.assert(
    fc.asyncProperty(graphs, lives, async (plan, schedule) => {
      const world = newWorld(plan);
      const time = { now: Date.UTC(2026, 0, 1) };
      for (const life of schedule) {
        await live(world, time, life);
        expect(await differences(world, false)).toEqual([]);
      }
      const replaying = [{ do: "pass", ms: 20 } as const, { do: "replay" } as const];
      const how = await live(world, time, { acts: replaying, broken: false, budget: 3000 });
      expect(how).toBe("finished");
      expect(await differences(world, true)).toEqual([]);
      counts.lives += schedule.length + 1;
      counts.commits += world.commits.length;
      for (const { batches } of world.commits) {
        counts.batches += batches.length;
        counts.ticks += batches.filter(({ tick }) => tick).length;
      }
    }),
    { numRuns, seed, endOnFailure: process.env["WEIR_SHRINK"] === undefined },
  );
  console.log(`seed ${seed}: ${numRuns} graphs, ${JSON.stringify(counts)}`);
});
