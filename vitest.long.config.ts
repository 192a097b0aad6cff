import { defineConfig } from "vitest/config";

/** The suites that have a long form, with WEIR_LONG set: many kills, long fuzz runs; seeds and counts are printed. */
export default defineConfig({
  resolve: { conditions: ["weir-source"] },
  ssr: { resolve: { conditions: ["weir-source"] } },
  test: {
    env: { WEIR_LONG: "1" },
    testTimeout: 1_800_000,
    fileParallelism: false,
    include: [
      "test/kill/*.test.ts",
      "test/faults/faults.test.ts",
      "test/http/webhook-kill.test.ts",
      "test/http/http-client.test.ts",
      "test/websocket/kill.test.ts",
      "test/end-to-end/operations.test.ts",
      "test/runtime/replay.test.ts",
      "src/control/stopped.test.ts",
      "plugins/sources/file/rotation.test.ts",
    ],
  },
});
