import { op, type Program } from "./program.ts";

/** What can still match from one place of a text on: the states that could take the next character, and its class. */
export interface Rest {
  readonly index: number;
  /** One bit for each state that consumes. */
  readonly alive: Uint32Array;
  readonly states: Uint16Array;
  readonly next: number;
}

/**
 * The automaton of a pattern run backwards, made deterministic as texts need it: for each place of a text, what can
 * match from there to where a match may end. It grows with the texts up to a limit.
 */
export class Backwards {
  readonly #program: Program;
  /** The states that lead to each state without a character: those of state `s` are from `#starts[s]` on. */
  readonly #starts: Int32Array;
  readonly #before: Int32Array;
  /** The states that lead to each state with a character, in the same way. */
  readonly #feeds: Int32Array;
  readonly #feeding: Int32Array;
  readonly #accepting: readonly number[];
  readonly #marks: Int32Array;
  readonly #stack: Int32Array;
  /** The states that are marked. */
  readonly #reached: Int32Array;
  #reachedCount = 0;
  #stamp = 0;
  #known = new Map<string, Rest>();
  #rests: Rest[] = [];
  /** The index of the rest behind the end of a text, once it is known. */
  #end: number | undefined;
  #steps: Int32Array;

  constructor(program: Program) {
    const { ops, classes } = program;
    this.#program = program;
    const { free, consuming } = edgesOf(program);
    [this.#starts, this.#before] = turned(free, ops.length);
    [this.#feeds, this.#feeding] = turned(consuming, ops.length);
    this.#accepting = [...ops.keys()].filter((state) => ops[state] === op.accept);
    this.#marks = new Int32Array(ops.length);
    this.#reached = new Int32Array(ops.length);
    this.#stack = new Int32Array(ops.length);
    this.#steps = new Int32Array(64 * classes.count).fill(-1);
  }

  get size(): number {
    return this.#rests.length;
  }

  /** About how much memory a rest takes, in bytes. */
  get costOfRest(): number {
    const { ops, classes } = this.#program;
    return 3 * ops.length + 8 * classes.count + 200;
  }

  rest(index: number): Rest {
    return this.#rests[index]!;
  }

  /** Forgets what it has learned. Earlier indexes no longer mean anything. */
  forget(): void {
    this.#known = new Map();
    this.#rests = [];
    this.#end = undefined;
    this.#steps.fill(-1);
  }

  /** The rest behind the end of a text. */
  end(): number {
    this.#end ??= this.add(new Uint16Array(0), this.#program.classes.none);
    return this.#end;
  }

  /** The index of a rest with these states, in ascending order, and this class of the next character. */
  add(states: Uint16Array, next: number): number {
    const key = `${next} ${String.fromCharCode(...states)}`;
    const known = this.#known.get(key);
    if (known) return known.index;
    const alive = new Uint32Array((this.#program.ops.length >> 5) + 1);
    for (const state of states) alive[state >> 5]! |= 1 << (state & 31);
    const rest = { index: this.#rests.length, alive, states, next };
    this.#known.set(key, rest);
    this.#rests.push(rest);
    const { count } = this.#program.classes;
    if (this.#rests.length * count > this.#steps.length) {
      const steps = new Int32Array(2 * this.#rests.length * count).fill(-1);
      steps.set(this.#steps);
      this.#steps = steps;
    }
    return rest.index;
  }

  /** The rest one character earlier. `index`: behind the character; `unit`: the class of the character. */
  step(index: number, unit: number): number {
    const found = this.#compute(index, unit);
    this.#steps[index * this.#program.classes.count + unit] = found;
    return found;
  }

  /** What is known of `step`: by the index, times the number of classes, plus the class; -1 if it is not known. */
  get steps(): Int32Array {
    return this.#steps;
  }

  #compute(index: number, unit: number): number {
    const { allows } = this.#program;
    const rest = this.#rests[index]!;
    this.#reach(rest, unit);
    const states: number[] = [];
    for (let count = 0; count < this.#reachedCount; count++) {
      const to = this.#reached[count]!;
      for (let at = this.#feeds[to]!; at < this.#feeds[to + 1]!; at++) {
        const state = this.#feeding[at]!;
        if (allows[state]![unit] === 1) states.push(state);
      }
    }
    return this.add(Uint16Array.from(states).sort(), unit);
  }

  #isReached(state: number): boolean {
    return this.#marks[state] === this.#stamp;
  }

  /** Whether each look holds at a place between two characters. */
  looks(index: number, before: number): readonly boolean[] {
    return this.#reach(this.#rests[index]!, before);
  }

  /** Marks the states from which the rest can be reached without a character. */
  #reach(rest: Rest, before: number): readonly boolean[] {
    this.#stamp++;
    this.#reachedCount = 0;
    const { looks } = this.#program;
    const holds: boolean[] = looks.map(() => false);
    for (const state of rest.states) this.#mark(state, rest, before, holds);
    for (const state of this.#accepting) this.#mark(state, rest, before, holds);
    for (const [index, { entry, negative }] of looks.entries()) {
      if (this.#isReached(entry) === negative) continue;
      holds[index] = true;
      this.#markLooks(index, rest, before, holds);
    }
    return holds;
  }

  /** Marks what leads to a look that holds, now that this is known. */
  #markLooks(index: number, rest: Rest, before: number, holds: readonly boolean[]): void {
    const { ops, next, other } = this.#program;
    for (let state = 0; state < ops.length; state++)
      if (ops[state] === op.look && other[state] === index && this.#isReached(next[state]!))
        this.#mark(state, rest, before, holds);
  }

  #mark(from: number, rest: Rest, before: number, holds: readonly boolean[]): void {
    if (this.#isReached(from)) return;
    const { ops, allows, isBefore, other } = this.#program;
    const [starts, sources, stack, marks] = [this.#starts, this.#before, this.#stack, this.#marks];
    let size = 0;
    marks[from] = this.#stamp;
    this.#reached[this.#reachedCount++] = from;
    stack[size++] = from;
    while (size > 0) {
      const state = stack[--size]!;
      for (let at = starts[state]!; at < starts[state + 1]!; at++) {
        const source = sources[at]!;
        if (marks[source] === this.#stamp) continue;
        const kind = ops[source];
        if (kind === op.edge && allows[source]![isBefore[source] ? before : rest.next] === 0) continue;
        if (kind === op.look && !holds[other[source]!]) continue;
        marks[source] = this.#stamp;
        this.#reached[this.#reachedCount++] = source;
        stack[size++] = source;
      }
    }
  }
}

type Edge = readonly [from: number, to: number];

/** Which state leads to which: without a character, and with one. */
const edgesOf = ({
  ops,
  next,
  other,
}: Program): { readonly free: readonly Edge[]; readonly consuming: readonly Edge[] } => {
  const free: Edge[] = [];
  const consuming: Edge[] = [];
  for (const [state, kind] of ops.entries()) {
    if (kind === op.accept) continue;
    (kind === op.consume ? consuming : free).push([state, next[state]!]);
    if (kind === op.fork) free.push([state, other[state]!]);
  }
  return { free, consuming };
};

/** The edges by where they lead: the sources of state `s` are from `starts[s]` on. */
const turned = (edges: readonly Edge[], states: number): [starts: Int32Array, sources: Int32Array] => {
  const starts = new Int32Array(states + 1);
  for (const [, to] of edges) starts[to + 1]!++;
  for (let state = 0; state < states; state++) starts[state + 1]! += starts[state]!;
  const free = starts.slice();
  const sources = new Int32Array(edges.length);
  for (const [from, to] of edges) sources[free[to]!++] = from;
  return [starts, sources];
};
