import assert from "node:assert/strict";
import type { Plugin, Source } from "../plugin.ts";
import { recordingHost } from "./host.ts";
import { type ReadOptions, readSource } from "./read.ts";
import { describe, it } from "./runner.ts";
import { flaws } from "./well-formed.ts";

/** An input that does not change while it is read, and the lines that the source reads from it. */
export interface SourceCase {
  readonly name: string;
  /** Creates the input; called for each run. The source must end when it has read the input. */
  arrange(): Promise<ReadOptions>;
  readonly lines: readonly string[];
}

/**
 * Defines tests of what a source reads, and that it can be stopped after any reading and resumed without missing or
 * repeating a line. They run in vitest, in runners with a global `describe` and `it` such as jest, and in node:test.
 */
export const testSource = (
  // biome-ignore lint/suspicious/noExplicitAny: a source of any options.
  source: Source<any> & { readonly kind: "source" },
  cases: readonly SourceCase[],
): void => {
  describe(`source ${source.name}`, () => {
    it("is well formed", () => assert.deepEqual(flaws(source as Plugin), []));
    for (const { name, arrange, lines } of cases) {
      it(name, async () =>
        assert.deepEqual(await readCutAfter(source, await arrange(), Number.POSITIVE_INFINITY), lines),
      );
      it(`${name}, cut after any reading and resumed`, async () => {
        for (let cut = 1; ; cut++) {
          const options = await arrange();
          const host = recordingHost();
          const ended = await feed(source, options, host, cut);
          host.crash();
          if (!ended) await feed(source, options, host, Number.POSITIVE_INFINITY);
          const read = host.lines.map(({ text }) => text);
          assert.deepEqual({ cutAfterReading: cut, read }, { cutAfterReading: cut, read: lines });
          if (ended) return;
        }
      });
    }
  });
};

// biome-ignore lint/suspicious/noExplicitAny: a source of any options.
const readCutAfter = async (source: Source<any>, options: ReadOptions, limit: number): Promise<string[]> => {
  const host = recordingHost();
  await feed(source, options, host, limit);
  return host.lines.map(({ text }) => text);
};

const feed = async (
  // biome-ignore lint/suspicious/noExplicitAny: a source of any options.
  source: Source<any>,
  options: ReadOptions,
  host: ReturnType<typeof recordingHost>,
  limit: number,
): Promise<boolean> => {
  let count = 0;
  for await (const reading of readSource(source, { ...options, checkpoints: host.checkpoints })) {
    host.take(reading);
    if (++count >= limit) return false;
  }
  return true;
};
