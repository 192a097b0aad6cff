import { defineConfig } from "vitest/config";

/** weir beside a real API server, for many minutes: `npm run test:cluster`. WEIR_SEED makes a run like an earlier one. */
export default defineConfig({
  resolve: { conditions: ["weir-source"] },
  ssr: { resolve: { conditions: ["weir-source"] } },
  test: {
    include: ["test/cluster/{cluster,manifests,pod-labels}.test.ts"],
    fileParallelism: false,
    globalSetup: "test/temporary-folder.ts",
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
  },
});
