import { defineConfig } from "vitest/config";

/** weir with real servers of others, which the tests start: `npm run test:counterparts`. Those that are not there are skipped. */
export default defineConfig({
  resolve: { conditions: ["weir-source"] },
  ssr: { resolve: { conditions: ["weir-source"] } },
  test: {
    include: ["test/counterparts/**/*.test.ts"],
    globalSetup: "test/temporary-folder.ts",
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
