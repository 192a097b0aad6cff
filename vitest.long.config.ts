import { readFileSync } from "node:fs";
import { globSync } from "tinyglobby";
import { defineConfig } from "vitest/config";

const suites = globSync(["src/**/*.test.ts", "plugins/**/*.test.ts", "test/**/*.test.ts"]);

const isLong = (path: string) => path.startsWith("test/fuzz/") || readFileSync(path, "utf8").includes("WEIR_LONG");

/** The fuzzers, and the suites that look at WEIR_LONG, one at a time: many kills, long runs of properties; seeds and counts are printed. */
export default defineConfig({
  resolve: { conditions: ["weir-source"] },
  ssr: { resolve: { conditions: ["weir-source"] } },
  test: {
    include: suites.filter(isLong),
    env: { WEIR_LONG: "1" },
    globalSetup: "test/temporary-folder.ts",
    setupFiles: ["test/long.ts"],
    testTimeout: 1_800_000,
    fileParallelism: false,
  },
});
