import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The longest files, first to begin: otherwise one core waits for them at the end. */
const longest = [
  "test/kill/kill",
  "test/faults/faults",
  "test/http/webhook-kill",
  "test/websocket/kill",
  "test/runtime/order",
];

class LongestFirst extends BaseSequencer {
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
    testTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "whole", include: ["test/**/*.test.ts"] } },
      {
        extends: true,
        // Files share a process: nothing that these leave behind can be seen by the next, and they take half the time.
        test: { name: "parts", include: ["src/**/*.test.ts", "plugins/**/*.test.ts"], isolate: false },
      },
    ],
  },
});
