import fc from "fast-check";
import { expect } from "vitest";

/** What every property of a long run starts from; WEIR_SEED makes a run like an earlier one. */
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

fc.configureGlobal({
  seed,
  reporter: (details) => {
    console.log(`seed ${seed}: ${details.numRuns} runs of "${expect.getState().currentTestName}"`);
    if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
  },
});
