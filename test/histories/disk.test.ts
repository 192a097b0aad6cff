import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { Collector } from "./collector.ts";
import { testHistory } from "./conformance.ts";

describe("a history on disk", () => {
  testHistory({
    collectors: 1,
    disorder: 0,
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), "weir-history-"));
      return {
        collectors: [new Collector(join(folder, "weir.db"))],
        close: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  });
});
