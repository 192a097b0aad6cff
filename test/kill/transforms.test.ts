import { it } from "vitest";
import { expectTransformLaws } from "./transforms/laws.ts";
import { runThroughKills } from "./transforms/run.ts";
import { transforms } from "./transforms/setup.ts";

/** WEIR_LONG kills more often; WEIR_SEED makes a run like an earlier one, as far as the machine's timing allows. */
const [runs, kills] = process.env["WEIR_LONG"] ? [4, 25] : [1, 2];
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

it("L1, L2: throttle, dedupe, aggregate and reduce do what plain loops do, killed at any instant", async () => {
  for (let run = 0; run < runs; run++) expectTransformLaws(await runThroughKills(seed + run, kills, transforms));
}, 600_000);
