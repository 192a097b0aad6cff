import type { CharSet } from "./char-set.ts";
import type { Node } from "./node.ts";

/** Texts of which each match contains at least one. Letters of ASCII are in lower case. */
export type Clause = readonly string[];

/** What is known of a part of a pattern. `exact`: all texts that it matches, if they are few. */
interface Known {
  readonly exact?: readonly string[];
  readonly clauses: readonly Clause[];
}

/** The most texts of alternatives, and of a sequence of them, that are written out. */
const [mostAlternatives, mostCombined] = [512, 32];
/** The most characters of a set, and repetitions, that are written out. */
const mostVariants = 4;

const nothing: Known = { clauses: [] };
const empty: Known = { exact: [""], clauses: [] };

/** What each match of a pattern must contain, without regard to case: one text of every clause. */
export const requiredClauses = (node: Node): readonly Clause[] => clausesOf(known(node));

/** The unit in lower case, if it is a letter of ASCII. */
export const lowerUnit = (unit: number): number => (unit >= 0x41 && unit <= 0x5a ? unit + 32 : unit);

const known = (node: Node): Known => {
  switch (node.is) {
    case "set":
      return ofSet(node.set);
    case "capture":
      return known(node.node);
    case "sequence":
      return ofSequence(node.nodes.map(known));
    case "choice":
      return ofChoice(node.nodes.map(known));
    case "repeat":
      return ofRepeat(known(node.node), node.min, node.max);
    // They take no characters.
    case "edge":
    case "look":
      return empty;
  }
};

const ofSet = (set: CharSet): Known => {
  const count = set.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  if (count === 0 || count > 2 * mostVariants) return nothing;
  const units = set.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => lowerUnit(from + at)));
  const exact = [...new Set(units)].map((unit) => String.fromCharCode(unit));
  return exact.length > mostVariants ? nothing : { exact, clauses: [] };
};

const ofSequence = (parts: readonly Known[]): Known => {
  const clauses: Clause[] = [];
  let isExact = true;
  let texts: readonly string[] = [""];
  for (const { exact, clauses: more } of parts) {
    if (exact && (texts.length === 1 || exact.length * texts.length <= mostCombined)) {
      texts = crossed(texts, exact);
      continue;
    }
    isExact = false;
    clauses.push(...clausesOf({ exact: texts, clauses: more }));
    texts = exact ?? [""];
  }
  return isExact ? { exact: texts, clauses } : { clauses: [...clauses, ...clausesOf({ exact: texts, clauses: [] })] };
};

const ofChoice = (parts: readonly Known[]): Known => {
  const exact = [...new Set(parts.flatMap((part) => part.exact ?? []))];
  if (exact.length <= mostAlternatives && parts.every((part) => part.exact)) return { exact, clauses: [] };
  // Each match meets the clauses of one part, so it meets any clause that joins one of each part.
  const lists = parts.map(clausesOf);
  if (lists.some((list) => list.length === 0)) return nothing;
  const most = Math.max(...lists.map((list) => list.length));
  const joined = Array.from({ length: most }, (_, at) => lists.flatMap((list) => list[Math.min(at, list.length - 1)]!));
  return { clauses: joined.map(shortened) };
};

const ofRepeat = (part: Known, min: number, max: number): Known => {
  if (!part.exact || max > mostVariants) return min === 0 ? nothing : { clauses: clausesOf(part) };
  let texts: readonly string[] = [""];
  const all = new Set(min === 0 ? texts : []);
  for (let times = 1; times <= max; times++) {
    if (texts.length * part.exact.length > mostCombined) return min === 0 ? nothing : { clauses: clausesOf(part) };
    texts = crossed(texts, part.exact);
    if (times >= min) for (const text of texts) all.add(text);
  }
  return { exact: [...all], clauses: [] };
};

const crossed = (first: readonly string[], second: readonly string[]): readonly string[] => [
  ...new Set(first.flatMap((start) => second.map((end) => start + end))),
];

/** The clauses of a part, with the one that its exact texts are, if none of these is empty. */
const clausesOf = ({ exact, clauses }: Known): readonly Clause[] =>
  exact && exact.length > 0 && !exact.includes("") ? [...clauses, shortened(exact)] : clauses;

/** Without the texts that contain another one. */
const shortened = (texts: readonly string[]): Clause => {
  const kept: string[] = [];
  for (const text of [...new Set(texts)].sort((a, b) => a.length - b.length))
    if (!kept.some((other) => text.includes(other))) kept.push(text);
  return kept;
};
