import { it } from "vitest";
import { expectLaws, expectSame } from "./laws.ts";
import { oracleAlerts } from "./oracle.ts";
import { runThroughKills } from "./run.ts";
import { oracleRules } from "./setup.ts";

/** WEIR_LONG kills more often; WEIR_SEED makes a run like an earlier one, as far as the machine's timing allows. */
const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

it("L1, L2: two logs that share their terms, killed at any instant", async () => {
  expectLaws(await runThroughKills({ seed, realms: [1, 1], kills: isLong ? 100 : 2 }));
}, 600_000);

it("L1, L2: two logs that share no terms give what an uninterrupted run gives", async () => {
  const run = await runThroughKills({ seed, realms: [2, 3], kills: isLong ? 100 : 2 });
  const alerts = expectLaws(run);
  // Each log on its own, in the order in which it was written: what a run without a kill sees. Stamps differ from run to
  // run, so that of the rules by stamp only the one whose window outlasts the run can be predicted.
  const uninterrupted = run.writers.flatMap(({ plan: { source } }) => {
    const own = run.observed.events.filter(({ auditID }) => auditID.startsWith(`${source}-`));
    return [oracleRules.headline, oracleRules.byTime].flatMap((rule) => [...oracleAlerts(own, rule)]);
  });
  const foretold = [...alerts.byText.keys()].filter((text) => !text.startsWith(oracleRules.byStamp.title));
  expectSame(foretold, uninterrupted);
}, 600_000);
