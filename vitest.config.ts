import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest files, first to begin: otherwise one core waits for them at the end. */
const longest = [
  "test/kill/",
  "test/faults/faults",
  "test/end-to-end/installed",
  "test/end-to-end/terminal",
  "test/end-to-end/new",
  "test/end-to-end/baseline-kill",
  "test/end-to-end/joined-lines-kill",
  "test/end-to-end/reload",
  "test/end-to-end/file-sink-kill",
  "test/graphs/",
  "test/end-to-end/clock",
  "test/end-to-end/lifecycle",
  "test/websocket/kill",
  "test/new-terms-streams",
  "test/end-to-end/sources",
  "test/http/webhook-kill",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = longest.findIndex((name) => moduleId.includes(name));
      return index < 0 ? longest.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  resolve: { conditions: ["weir-source"] },
  ssr: { resolve: { conditions: ["weir-source"] } },
  test: {
    include: ["src/**/*.test.ts", "plugins/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: "test/temporary-folder.ts",
    // These run by themselves: vitest.cluster.config.ts, vitest.counterparts.config.ts.
    exclude: ["test/cluster/{cluster,manifests,pod-labels}.test.ts", "test/counterparts/**"],
    testTimeout: 60_000,
    // Files share a process: nothing that they leave behind can be seen by the next, and they take half the time.
    isolate: false,
    // Half as many again as cores, since tests that start weir, or wait for a time limit, use no core while they wait.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    sequence: { sequencer: LongestFirst },
  },
});
