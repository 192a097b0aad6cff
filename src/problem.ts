/** What is wrong with a pipeline or a rule, where, and how to fix it. Loading returns problems; it does not throw. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Stable, such as `config/unknown-option`; each has a section in docs/problems.md. */
  readonly code: string;
  /** One sentence: what was found, in quotes, and what is expected. */
  readonly message: string;
  /** How to fix it, such as `Did you mean "window"?` */
  readonly hint?: string;
  readonly file: string;
  /** Counted from 1; line 1, column 1 if the place is unknown. */
  readonly line: number;
  readonly column: number;
  /** Number of underlined characters; 1 by default. */
  readonly length?: number;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The closest known name as a question, if one is close enough. */
export const didYouMean = (word: string, known: readonly string[]): string | undefined => {
  // A very long word is not a typo, and its table of edits would be very large.
  if (word.length > 100) return undefined;
  let closest: string | undefined;
  let allowed = Math.max(2, Math.floor(word.length / 3));
  for (const name of known) {
    const edits = countEdits(word.toLowerCase(), name.toLowerCase());
    if (edits > allowed || (edits === allowed && closest !== undefined)) continue;
    // Two edits of four letters leave little: "mode" does not mean "codec".
    if (edits > 1 && word.length < 5 && word[0]?.toLowerCase() !== name[0]?.toLowerCase()) continue;
    closest = name;
    allowed = edits;
  }
  // The beginning of one name says more than two slips of the pen.
  const longer = known.filter((name) => name.startsWith(word));
  if ((closest === undefined || allowed > 1) && word.length > 2 && longer.length === 1) closest = longer[0];
  return closest === undefined ? undefined : `Did you mean "${closest}"?`;
};

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn one into the other. */
const countEdits = (from: string, to: string): number => {
  const width = to.length + 1;
  const cost = new Uint16Array((from.length + 1) * width);
  for (let j = 0; j < width; j++) cost[j] = j;
  for (let i = 1; i <= from.length; i++) {
    cost[i * width] = i;
    for (let j = 1; j < width; j++) {
      const at = i * width + j;
      const same = from[i - 1] === to[j - 1] ? 0 : 1;
      let least = Math.min(cost[at - width]! + 1, cost[at - 1]! + 1, cost[at - width - 1]! + same);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        least = Math.min(least, cost[at - 2 * width - 2]! + 1);
      cost[at] = least;
    }
  }
  return cost[cost.length - 1]!;
};
