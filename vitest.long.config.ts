import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { globSync } from "tinyglobby";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./vitest.config.ts";

const suites = globSync(["src/**/*.test.ts", "plugins/**/*.test.ts", "test/**/*.test.ts"], {
  ignore: ["test/counterparts/**"],
});

const isLong = (path: string) => path.startsWith("test/fuzz/") || readFileSync(path, "utf8").includes("WEIR_LONG");
/** These look at how fast weir answers while somebody attacks it, so that nothing may run beside them. */
const isAlone = (path: string) => path.startsWith("test/hostile/");

/** How many times as long the runs take that are as long as you like: those of the fuzzers, and of pipelines in every mode. */
const times = process.env["WEIR_LONG"] || "1";
if (!(Number(times) > 0)) throw new Error(`WEIR_LONG is "${times}". It must be a number above zero, such as 6.`);

const long = suites.filter(isLong);

/**
 * The fuzzers, and the suites that look at WEIR_LONG: many kills, long runs of properties; seeds and counts are printed. As many run at a
 * time as there are cores, those with the most processes first; those that need the machine for themselves run at the end.
 */
export default defineConfig({
  resolve: { conditions: ["weir-source"] },
  ssr: { resolve: { conditions: ["weir-source"] } },
  test: {
    env: { WEIR_LONG: times },
    globalSetup: "test/temporary-folder.ts",
    setupFiles: ["test/long.ts"],
    testTimeout: 900_000 * Math.max(1, Number(times)),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "long",
          include: long.filter((path) => !isAlone(path)),
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: long.filter(isAlone), maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
