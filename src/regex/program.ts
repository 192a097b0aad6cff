import { all, type CharSet, has } from "./char-set.ts";
import type { Edge, Node } from "./node.ts";
import { RegexError } from "./regex-error.ts";
import type { Parsed } from "./syntax.ts";

/** What a state of the automaton does. Only `consume` takes a character. */
export const op = { consume: 0, fork: 1, tag: 2, edge: 3, look: 4, accept: 5 } as const;

/** Characters that no set of the pattern tells apart are one class; one class more stands for no character. */
export interface Classes {
  readonly count: number;
  /** The class of no character: before the start, and behind the end. */
  readonly none: number;
  /** The classes of the characters of ASCII. */
  readonly ofAscii: Uint16Array;
  of(unit: number): number;
}

/** A pattern as a nondeterministic automaton. States are numbers. */
export interface Program {
  readonly ops: Uint8Array;
  /** The next state; of a fork, the one that is preferred. */
  readonly next: Int32Array;
  /** Of a fork, the other state; of a tag, the slot that it sets; of a look, its index. */
  readonly other: Int32Array;
  /** Of a state that consumes or an edge: for each class, whether it may be there. */
  readonly allows: readonly (Uint8Array | undefined)[];
  /** Of an edge: whether it looks at the character before it. */
  readonly isBefore: Uint8Array;
  /** Whether it matters to a state which character is before it: an edge that looks back can be reached without another. */
  readonly looksBack: Uint8Array;
  /** Where each look begins, the inner ones first, and whether it must fail. */
  readonly looks: readonly { readonly entry: number; readonly negative: boolean }[];
  /** Where a search begins, which prefers an earlier match. */
  readonly search: number;
  /** Two slots for the match and for each group: start and end. */
  readonly slots: number;
  readonly classes: Classes;
}

/** The most states. A step that is not in the cache takes time in proportion to them. */
const mostStates = 20_000;
/** The most places at which a match can go on: states, if it matters with each class of the character before them. */
const mostPlaces = 1 << 17;

export const compileProgram = ({ node, groups }: Parsed): Program => {
  const builder = new Builder();
  const accept = builder.add(op.accept, -1);
  const end = builder.add(op.tag, accept, 1);
  const match = builder.add(op.tag, builder.node(node, end), 0);
  const search = builder.fork();
  builder.choose(search, match, builder.consume(all, search));
  return builder.program(search, 2 * (groups.length + 1));
};

type Place = { readonly set: CharSet; readonly orNone: boolean; readonly isBefore: boolean };

class Builder {
  readonly #ops: number[] = [];
  readonly #next: number[] = [];
  readonly #other: number[] = [];
  readonly #places = new Map<number, Place>();
  readonly #looks: { readonly entry: number; readonly negative: boolean }[] = [];

  add(kind: number, next: number, other = -1): number {
    if (this.#ops.length >= mostStates)
      throw new RegexError(`the pattern is too large: it has more than ${mostStates} states`, 0);
    this.#ops.push(kind);
    this.#next.push(next);
    this.#other.push(other);
    return this.#ops.length - 1;
  }

  consume(set: CharSet, next: number): number {
    const state = this.add(op.consume, next);
    this.#places.set(state, { set, orNone: false, isBefore: false });
    return state;
  }

  fork(): number {
    return this.add(op.fork, -1);
  }

  choose(fork: number, preferred: number, other: number): void {
    this.#next[fork] = preferred;
    this.#other[fork] = other;
  }

  /** The state at which a part of the pattern begins that goes on at `next`. */
  node(node: Node, next: number): number {
    switch (node.is) {
      case "set":
        return this.consume(node.set, next);
      case "sequence":
        return node.nodes.reduceRight((after, part) => this.node(part, after), next);
      case "choice":
        return this.#choice(node.nodes, next);
      case "repeat":
        return this.#repeat(node, next);
      case "capture": {
        const end = this.add(op.tag, next, 2 * node.index + 1);
        return this.add(op.tag, this.node(node.node, end), 2 * node.index);
      }
      case "edge":
        return this.#edge(node, next);
      case "look":
        return this.#look(node, next);
    }
  }

  #choice(nodes: readonly Node[], next: number): number {
    const entries = nodes.map((node) => this.node(node, next));
    return entries.reduceRight((other, entry) => {
      const fork = this.fork();
      this.choose(fork, entry, other);
      return fork;
    });
  }

  #repeat({ node, min, max, greedy }: Extract<Node, { is: "repeat" }>, next: number): number {
    const either = (fork: number, entry: number): void =>
      greedy ? this.choose(fork, entry, next) : this.choose(fork, next, entry);
    let entry = next;
    if (max === Number.POSITIVE_INFINITY) {
      entry = this.fork();
      either(entry, this.node(node, entry));
    } else
      for (let times = min; times < max; times++) {
        const body = this.node(node, entry);
        // Without states of its own it matches the empty text, however often it is repeated.
        if (body === entry) break;
        entry = this.fork();
        either(entry, body);
      }
    for (let times = 0; times < min; times++) {
      const body = this.node(node, entry);
      if (body === entry) break;
      entry = body;
    }
    return entry;
  }

  #edge({ side, set, orNone }: Edge, next: number): number {
    const state = this.add(op.edge, next);
    this.#places.set(state, { set, orNone, isBefore: side === "before" });
    return state;
  }

  #look({ node, negative }: Extract<Node, { is: "look" }>, next: number): number {
    const entry = this.node(node, this.add(op.accept, -1));
    this.#looks.push({ entry, negative });
    return this.add(op.look, next, this.#looks.length - 1);
  }

  #looksBack(isBefore: Uint8Array): Uint8Array {
    const looks = Uint8Array.from(this.#ops, (kind, state) => (kind === op.look || isBefore[state] ? 1 : 0));
    for (let isStable = false; !isStable; ) {
      isStable = true;
      for (const [state, kind] of this.#ops.entries()) {
        if (looks[state] || kind === op.consume || kind === op.accept) continue;
        if (!looks[this.#next[state]!] && !(kind === op.fork && looks[this.#other[state]!])) continue;
        looks[state] = 1;
        isStable = false;
      }
    }
    return looks;
  }

  program(search: number, slots: number): Program {
    const places = [...this.#places.values()];
    const classes = classesOf(places.map(({ set }) => set));
    const allows: (Uint8Array | undefined)[] = this.#ops.map(() => undefined);
    const isBefore = new Uint8Array(this.#ops.length);
    const known = new Map<string, Uint8Array>();
    for (const [state, place] of this.#places) {
      const key = `${place.orNone}${place.set}`;
      const allowed = known.get(key) ?? classes.allowed(place.set, place.orNone);
      known.set(key, allowed);
      allows[state] = allowed;
      if (place.isBefore) isBefore[state] = 1;
    }
    const looksBack = this.#looksBack(isBefore);
    if (looksBack.reduce((sum, looks) => sum + (looks ? classes.count + 1 : 1), 0) > mostPlaces)
      throw new RegexError("the pattern is too large: it has too many states and sets of characters", 0);
    return {
      ops: Uint8Array.from(this.#ops),
      next: Int32Array.from(this.#next),
      other: Int32Array.from(this.#other),
      allows,
      isBefore,
      looksBack,
      looks: this.#looks,
      search,
      slots,
      classes,
    };
  }
}

interface MadeClasses extends Classes {
  /** By class, whether it is in the set. */
  allowed(set: CharSet, orNone: boolean): Uint8Array;
}

const classesOf = (sets: readonly CharSet[]): MadeClasses => {
  const distinct = [...new Map(sets.map((set) => [String(set), set])).values()];
  const starts = [...new Set([0, ...distinct.flat().flatMap(([from, to]) => [from, to + 1])])].sort((a, b) => a - b);
  const bySignature = new Map<string, number>();
  const samples: number[] = [];
  const ofRange = starts.map((start) => {
    const signature = distinct.map((set) => (has(set, start) ? "1" : "0")).join("");
    const known = bySignature.get(signature);
    if (known !== undefined) return known;
    bySignature.set(signature, samples.length);
    return samples.push(start) - 1;
  });
  const ofRangeAt = (unit: number): number => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= unit) low = middle;
      else high = middle - 1;
    }
    return ofRange[low]!;
  };
  const ofAscii = Uint16Array.from({ length: 128 }, (_, unit) => ofRangeAt(unit));
  return {
    count: samples.length,
    none: samples.length,
    ofAscii,
    of: (unit) => (unit < 128 ? ofAscii[unit]! : ofRangeAt(unit)),
    allowed: (set, orNone) => Uint8Array.from([...samples.map((unit) => (has(set, unit) ? 1 : 0)), orNone ? 1 : 0]),
  };
};
