import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import type { SharedHistory } from "weir/detection";
import { type HistoryEntry, type Observation, observe } from "../../src/detection/new-terms/observe.ts";
import { Collector } from "./collector.ts";
import { testHistory } from "./conformance.ts";

/** A history that is shared within a process, as a store outside would be. */
class InMemory implements SharedHistory {
  readonly #entries = new Map<string, HistoryEntry>();
  readonly #answers = new Map<string, readonly Observation[]>();

  async observe(asks: Parameters<SharedHistory["observe"]>[0]) {
    return asks.map(({ once, keys, at, window }) => {
      const known = this.#answers.get(once);
      if (known) return known;
      const answer = keys.map((key) => observe(this.#entries.get(key), at, window));
      for (const [index, key] of keys.entries()) this.#entries.set(key, answer[index]!.entry);
      if (answer.some(({ isNew }) => isNew)) this.#answers.set(once, answer);
      return answer;
    });
  }
}

describe("a history that several collectors share", () => {
  testHistory({
    collectors: 3,
    disorder: 0,
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), "weir-history-"));
      const shared = new InMemory();
      return {
        collectors: [0, 1, 2].map((index) => new Collector(join(folder, `${index}.db`), shared)),
        close: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  });
});
