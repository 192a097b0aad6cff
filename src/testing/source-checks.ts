import assert from "node:assert/strict";
import type { Plugin, Source } from "../plugin.ts";
import type { Check } from "./check.ts";
import { recordingHost } from "./host.ts";
import { type ReadOptions, readSource } from "./read.ts";
import { flaws } from "./well-formed.ts";

/** An input that does not change while it is read, and the lines that the source reads from it. */
export interface SourceCase {
  readonly name: string;
  /** Creates the input; called for each run. The source must end when it has read the input. */
  arrange(): Promise<ReadOptions>;
  readonly lines: readonly string[];
}

// biome-ignore lint/suspicious/noExplicitAny: a source of any options.
type AnySource = Source<any>;

/**
 * The checks that every pulled source must pass, for any test runner: it is well formed; it reads the lines of each case,
 * without gaps or overlaps in a stream; and it can be stopped after any reading and resumed without missing or repeating
 * a line.
 */
export const sourceChecks = (
  source: AnySource & { readonly kind: "source" },
  cases: readonly SourceCase[],
): readonly Check[] => [
  { name: "is well formed", run: async () => assert.deepEqual(flaws(source as Plugin), []) },
  ...cases.flatMap(({ name, arrange, lines }) => [
    {
      name,
      run: async () => {
        const { host } = await readUntil(source, await arrange(), Number.POSITIVE_INFINITY);
        sameLines(host.lines, lines, "");
      },
    },
    {
      name: `${name}, cut after any reading and resumed`,
      run: async () => {
        for (let cut = 1, isEnded = false; !isEnded; cut++) isEnded = await checkCut(source, arrange, lines, cut);
      },
    },
  ]),
];

/** True if the source had ended before the cut. */
const checkCut = async (
  source: AnySource,
  arrange: SourceCase["arrange"],
  lines: readonly string[],
  cut: number,
): Promise<boolean> => {
  const options = await arrange();
  const { host, isEnded } = await readUntil(source, options, cut);
  host.crash();
  if (!isEnded) await readUntil(source, options, Number.POSITIVE_INFINITY, host);
  sameLines(host.lines, lines, isEnded ? "" : `stopped after reading ${cut} and started again at its checkpoints, `);
  return isEnded;
};

const sameLines = (read: readonly { readonly text: string }[], expected: readonly string[], when: string): void => {
  const found = read.map(({ text }) => text);
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  const extra: string[] = [];
  for (const line of found) {
    const left = counts.get(line) ?? 0;
    if (left === 0) extra.push(line);
    else counts.set(line, left - 1);
  }
  const missing = [...counts].flatMap(([line, count]) => Array.from({ length: count }, () => line));
  if (missing.length > 0) assert.fail(`${when}the source misses ${quoted(missing)}`);
  const repeated = extra.filter((line) => expected.includes(line));
  if (repeated.length > 0) assert.fail(`${when}the source repeats ${quoted(repeated)}`);
  if (extra.length > 0) assert.fail(`${when}the source reads ${quoted(extra)}, which the case does not expect`);
  assert.deepEqual(found, expected, `${when}the source reads the lines in another order`);
};

const quoted = (lines: readonly string[]): string => {
  const shown = lines.slice(0, 5).map((line) => JSON.stringify(line));
  return `${shown.join(", ")}${lines.length > 5 ? ` and ${lines.length - 5} more` : ""}`;
};

const readUntil = async (
  source: AnySource,
  options: ReadOptions,
  limit: number,
  host = recordingHost(),
): Promise<{ readonly host: ReturnType<typeof recordingHost>; readonly isEnded: boolean }> => {
  let count = 0;
  for await (const reading of readSource(source, { ...options, checkpoints: host.checkpoints })) {
    host.take(reading);
    if (++count >= limit) return { host, isEnded: false };
  }
  return { host, isEnded: true };
};
