import { it } from "vitest";
import { expectRuleLaws } from "./rules/laws.ts";
import { detections, writeRules } from "./rules/rules.ts";
import { runThroughKills } from "./transforms/run.ts";

/** WEIR_LONG kills more often; WEIR_SEED makes a run like an earlier one, as far as the machine's timing allows. */
const runs = process.env["WEIR_LONG"] ? 8 : 1;
const kills = 25;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

it("L1, L2: sequences, thresholds, suppression and limits do what plain loops do, killed at any instant", async () => {
  for (let run = 0; run < runs; run++) expectRuleLaws(await runThroughKills(seed + run, kills, detections, writeRules));
}, 900_000);
