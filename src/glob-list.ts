import { compileGlob } from "./glob.ts";
import { LiteralIndex } from "./regex/literal-index.ts";

/** One of several patterns: how a text begins and ends, and what is between, in this order. */
export interface ListedGlob {
  /** Whether the beginning and the end fit; `undefined` if that can be seen only together with the rest. */
  readonly edges: (text: string) => boolean | undefined;
  /** How many UTF-16 units the beginning and the end take at least. */
  readonly start: number;
  readonly end: number;
  /** Texts that come after each other in between. None is empty. */
  readonly middle: readonly string[];
  /** Whether a text that has all of this fits. It is asked if the edges cannot be seen alone, or if `isExact` is false. */
  readonly whole: (text: string) => boolean;
  readonly isExact: boolean;
}

/** The pattern of which these are the texts between the stars. */
export const listedGlob = (parts: readonly string[]): ListedGlob => {
  const [first, last] = [parts[0]!, parts.length > 1 ? parts.at(-1)! : ""];
  return {
    edges: (text) => text.startsWith(first) && text.endsWith(last),
    start: first.length,
    end: last.length,
    middle: parts.slice(1, -1).filter((part) => part !== ""),
    whole: compileGlob(parts),
    isExact: true,
  };
};

/** For fewer patterns it is cheaper to try each. */
export const manyGlobs = 16;

/** Whether a text fits one of the patterns, in one pass over it, however many there are. */
export const compileGlobs = (globs: readonly ListedGlob[]): ((text: string) => boolean) => {
  const alone = globs.filter(({ middle }) => middle.length === 0).map(({ whole }) => whole);
  const others = globs.filter(({ middle }) => middle.length > 0);
  const rest = others.length < manyGlobs ? others.map(({ whole }) => whole) : [fitOne(fromRarest(others))];
  const tests = [...alone, ...rest];
  return tests.length === 1 ? tests[0]! : (text) => tests.some((fits) => fits(text));
};

/** A pattern that is asked about the whole text anyway is waited for from its rarest text on: the one that fewest patterns have. */
const fromRarest = (globs: readonly ListedGlob[]): readonly ListedGlob[] => {
  const counts = new Map<string, number>();
  for (const { middle } of globs) for (const part of new Set(middle)) counts.set(part, (counts.get(part) ?? 0) + 1);
  return globs.map((glob) => {
    if (glob.isExact) return glob;
    const fewest = glob.middle.reduce((least, part) => Math.min(least, counts.get(part)!), Number.POSITIVE_INFINITY);
    return { ...glob, middle: glob.middle.slice(glob.middle.findIndex((part) => counts.get(part) === fewest)) };
  });
};

/** A pattern that waits for its next text, which may not begin before an offset. */
interface Waiting {
  readonly glob: number;
  readonly from: number;
}

const fitOne = (globs: readonly ListedGlob[]): ((text: string) => boolean) => {
  const numbers = new Map<string, number>();
  for (const part of globs.flatMap(({ middle }) => middle)) if (!numbers.has(part)) numbers.set(part, numbers.size);
  const literals = [...numbers.keys()];
  const index = new LiteralIndex(literals, { caseCounts: true });
  const middles = globs.map(({ middle }) => middle.map((part) => numbers.get(part)!));
  /** The patterns that begin with each literal. */
  const beginners: number[][] = literals.map(() => []);
  for (const [glob, [first]] of middles.entries()) beginners[first!]!.push(glob);
  const waiting: Waiting[][] = literals.map(() => []);
  /** The number of the last pass in which a literal was met. */
  const metAt = new Float64Array(literals.length);
  /** How many of its texts each pattern has met, and whether its edges fit for sure. */
  const met = new Uint32Array(globs.length);
  const isSure = new Uint8Array(globs.length);
  let pass = 0;
  return (text) => {
    pass++;
    const touched: number[] = [];
    const wait = (glob: number, from: number) => {
      const literal = middles[glob]![met[glob]!]!;
      if (waiting[literal]!.push({ glob, from }) === 1) touched.push(literal);
    };
    /** The next text of a pattern ends here; true if the text fits the pattern. */
    const advance = (number: number, end: number): boolean => {
      const glob = globs[number]!;
      met[number]!++;
      if (met[number]! < glob.middle.length) {
        wait(number, end);
        return false;
      }
      if (end > text.length - glob.end) return false;
      return isSure[number] === 1 && glob.isExact ? true : glob.whole(text);
    };
    let fits = false;
    index.scan(text, (literal, end) => {
      const start = end - literals[literal]!.length;
      const ready = waiting[literal]!;
      if (ready.length > 0) {
        waiting[literal] = [];
        for (const { glob, from } of ready) {
          if (start < from) wait(glob, from);
          else if (advance(glob, end)) fits = true;
        }
      }
      if (metAt[literal] !== pass) {
        metAt[literal] = pass;
        for (const glob of beginners[literal]!) {
          const edges = globs[glob]!.edges(text);
          if (edges === false) continue;
          met[glob] = 0;
          isSure[glob] = edges === true ? 1 : 0;
          if (start < globs[glob]!.start) wait(glob, globs[glob]!.start);
          else if (advance(glob, end)) fits = true;
        }
      }
      return fits;
    });
    for (const literal of touched) waiting[literal] = [];
    return fits;
  };
};
