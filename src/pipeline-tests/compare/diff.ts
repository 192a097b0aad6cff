import { stringify } from "yaml";
import { ExactNumber } from "../../exact-number.ts";

/** A line of a comparison: expected and missing, arrived and not expected, or both. */
export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  readonly text: string;
}

/** More lines than these are left out. */
const mostLines = 60;
/** How many equal lines are shown beside others. */
const context = 3;

/** An item of a list as lines of YAML, as a test would write it. */
export const yamlLines = (value: unknown): string[] =>
  stringify([plain(value)], { lineWidth: 0, aliasDuplicateObjects: false })
    .trimEnd()
    .split("\n");

const plain = (value: unknown): unknown => {
  if (value instanceof ExactNumber) return /^-?\d+$/.test(value.text) ? BigInt(value.text) : value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
};

/** Compares two texts by lines, by their longest common subsequence. */
export const diffLines = (expected: readonly string[], actual: readonly string[]): DiffLine[] => {
  // A table of very long texts would be large: those are not compared line by line.
  if (expected.length * actual.length > 1_000_000) return [...marked("-", expected), ...marked("+", actual)];
  const width = actual.length + 1;
  const common = new Uint32Array((expected.length + 1) * width);
  for (let i = expected.length - 1; i >= 0; i--)
    for (let j = actual.length - 1; j >= 0; j--)
      common[i * width + j] =
        expected[i] === actual[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < expected.length || j < actual.length) {
    const isCommon = i < expected.length && expected[i] === actual[j];
    const takesExpected =
      i < expected.length && (j >= actual.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!);
    if (isCommon) {
      lines.push({ sign: " ", text: expected[i]! });
      i++;
      j++;
    } else if (takesExpected) lines.push({ sign: "-", text: expected[i++]! });
    else lines.push({ sign: "+", text: actual[j++]! });
  }
  return lines;
};

export const marked = (sign: DiffLine["sign"], lines: readonly string[]): DiffLine[] =>
  lines.map((text) => ({ sign, text }));

/** Leaves out what is equal and far from a difference, and what is too much. */
export const excerpt = (lines: readonly DiffLine[]): DiffLine[] => {
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== " ");
  const kept: DiffLine[] = [];
  let far: DiffLine[] = [];
  const endFar = () => {
    // An ellipsis is no shorter than a line.
    kept.push(...(far.length > 1 ? [{ sign: " ", text: "…" } as const] : far));
    far = [];
  };
  for (const [index, line] of lines.entries()) {
    if (!isNear(index)) {
      far.push(line);
      continue;
    }
    endFar();
    kept.push(line);
  }
  endFar();
  if (kept.length <= mostLines) return kept;
  return [...kept.slice(0, mostLines), { sign: " ", text: `… and ${kept.length - mostLines} more lines` }];
};
