import { Backwards, type Rest } from "./automaton.ts";
import { Forwards, mostRests, noWay } from "./forwards.ts";
import { compileProgram, type Program } from "./program.ts";
import { parseRegex, type RegexOptions } from "./syntax.ts";

/** How an expression is read, and what it may use. */
export interface LinearRegexOptions extends RegexOptions {
  /**
   * How much memory the rests that are learned within a block may take, and those that are kept for the next, in bytes:
   * 16 MiB by default.
   */
  readonly memory?: number | undefined;
}

/** A match in a text. */
export class Match {
  readonly text: string;
  readonly #slots: Int32Array;

  constructor(text: string, slots: Int32Array) {
    this.text = text;
    this.#slots = slots;
  }

  get start(): number {
    return this.#slots[0]!;
  }

  get end(): number {
    return this.#slots[1]!;
  }

  /** Where a group begins and ends; undefined if it took no part, or there is none. */
  span(index: number): readonly [start: number, end: number] | undefined {
    const start = this.#slots[2 * index]!;
    return start >= 0 ? [start, this.#slots[2 * index + 1]!] : undefined;
  }

  /** The text of a group, which is undefined if the group took no part, or there is none; 0 is the whole match. */
  group(index: number): string | undefined {
    const start = this.#slots[2 * index]!;
    return start >= 0 ? this.text.slice(start, this.#slots[2 * index + 1]!) : undefined;
  }
}

/**
 * A regular expression that takes time in proportion to the text, whatever pattern and text are. It finds what a
 * backtracking engine finds: the first match, with the preferred alternatives. A text is read twice: backwards by a
 * deterministic automaton that says for each place what can still match, and forwards on the preferred way that can.
 */
export class LinearRegex {
  readonly source: string;
  /** The names of the groups, from the first; undefined for one without a name. */
  readonly groups: readonly (string | undefined)[];
  readonly #program: Program;
  readonly #backwards: Backwards;
  readonly #forwards: Forwards;
  /** A text is read in blocks of so many units: what was learned is forgotten only between two of them. */
  readonly #blockSize: number;
  /** When more rests or moves are learned than these, they are forgotten before the next block. */
  readonly #mostRests: number;
  readonly #mostMoves: number;
  /** The index of the rest at each place of the current block. */
  readonly #rests: Uint16Array;
  #isReading = false;

  /** Throws a `RegexError`. */
  constructor(source: string, { memory = 16 * 1024 * 1024, ...options }: LinearRegexOptions = {}) {
    const parsed = parseRegex(source, options);
    this.source = source;
    this.groups = parsed.groups;
    this.#program = compileProgram(parsed);
    this.#backwards = new Backwards(this.#program);
    this.#forwards = new Forwards(this.#program, this.#backwards);
    this.#mostRests = Math.floor(memory / this.#backwards.costOfRest);
    this.#mostMoves = memory >> 8;
    this.#blockSize = Math.max(64, Math.min(mostRests / 2, this.#mostRests));
    this.#rests = new Uint16Array(this.#blockSize);
  }

  /** About how much memory it takes, in bytes: this grows with the texts, up to a limit. */
  get memory(): number {
    return (
      4 * this.#blockSize + 2 * this.#backwards.costOfRest * (this.#backwards.size + 16) + 32 * this.#forwards.size
    );
  }

  test(text: string): boolean {
    return this.exec(text) !== undefined;
  }

  /** The first match. */
  exec(text: string): Match | undefined {
    let found: Match | undefined;
    this.#read(text, (slots) => {
      found = new Match(text, slots);
      return false;
    });
    return found;
  }

  /** The text with each match replaced, from the start on; matches do not overlap. `by` must not use this expression. */
  replace(text: string, by: (match: Match) => string): string {
    let replaced = "";
    let from = 0;
    this.#read(text, (slots) => {
      const match = new Match(text, slots);
      replaced += text.slice(from, match.start) + by(match);
      from = match.end;
      return true;
    });
    return from === 0 ? replaced + text : replaced + text.slice(from);
  }

  /** The parts between the matches. An empty match is no separator. */
  split(text: string): string[] {
    const parts: string[] = [];
    let from = 0;
    this.#read(text, ([start = 0, end = 0]) => {
      if (end > start) {
        parts.push(text.slice(from, start));
        from = end;
      }
      return true;
    });
    return [...parts, text.slice(from)];
  }

  /** Calls `found` with the slots of each match, until it returns false. */
  #read(text: string, found: (slots: Int32Array) => boolean): void {
    if (this.#isReading) throw new Error("a replacement cannot use the expression that it is for");
    this.#isReading = true;
    try {
      this.#readForth(text, this.#readBack(text), found);
    } finally {
      this.#isReading = false;
    }
  }

  #readForth(text: string, ends: readonly Rest[], found: (slots: Int32Array) => boolean): void {
    const { classes, search, slots: count } = this.#program;
    const [forwards, rests, blockSize] = [this.#forwards, this.#rests, this.#blockSize];
    let start = 0;
    for (let at = 0; at <= text.length; ) {
      const slots = new Int32Array(count).fill(-1);
      let place = forwards.place(search, at === 0 ? classes.none : classes.of(text.charCodeAt(at - 1)));
      for (let here = at; place >= 0; here++) {
        if (here >= start + blockSize) {
          start += blockSize;
          this.#readBlock(text, start, ends[start / blockSize]);
        }
        place = forwards.move(place, rests[here - start]!, slots, here);
      }
      if (place === noWay || !found(slots)) return;
      at = slots[1]! > slots[0]! ? slots[1]! : slots[1]! + 1;
    }
  }

  /** Reads the whole text back. Returns the rest behind each block; it has none behind the last. */
  #readBack(text: string): Rest[] {
    const size = this.#blockSize;
    const ends: Rest[] = [];
    for (let block = Math.floor(text.length / size); block >= 0; block--) {
      const rest = this.#readBlock(text, block * size, ends[block]);
      if (block > 0) ends[block - 1] = this.#backwards.rest(rest);
    }
    return ends;
  }

  /** Reads a block back, from the rest behind it. Returns the rest at its start. */
  #readBlock(text: string, start: number, end: Rest | undefined): number {
    const [backwards, rests] = [this.#backwards, this.#rests];
    const { classes } = this.#program;
    if (
      backwards.size + this.#blockSize >= mostRests ||
      backwards.size > this.#mostRests ||
      this.#forwards.size > this.#mostMoves
    ) {
      backwards.forget();
      this.#forwards.forget();
    }
    let rest = end ? backwards.add(end.states, end.next) : backwards.end();
    let at = Math.min(start + this.#blockSize, text.length);
    if (!end) rests[at - start] = rest;
    const { ofAscii, count } = classes;
    let { steps } = backwards;
    for (at--; at >= start; at--) {
      const unit = text.charCodeAt(at);
      const one = unit < 128 ? ofAscii[unit]! : classes.of(unit);
      const known = steps[rest * count + one]!;
      if (known >= 0) rest = known;
      else {
        rest = backwards.step(rest, one);
        ({ steps } = backwards);
      }
      rests[at - start] = rest;
    }
    return rest;
  }
}
