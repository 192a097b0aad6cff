import type { Engine } from "./engine.ts";
import { KnownValues } from "./known-values.ts";
import * as layout from "./layout.ts";
import { longestBlock } from "./limits.ts";
import type { Alternatives, Found, Scanned, Scanner, ScanPlan } from "./plan.ts";
import { writePlan } from "./tables.ts";

const lineFeed = 0x0a;

/** A scanner whose engine reads the bytes in a memory of its own. */
export class MemoryScanner implements Scanner {
  readonly #engine: Engine;
  readonly #bytes: Uint8Array;
  readonly #numbers: Uint32Array;
  readonly #known: KnownValues;
  readonly #found: Found[] = [];
  readonly #scanned = { records: 0, found: this.#found, count: 0, reached: 0, isAscii: false };

  /** Throws a RangeError if the plan has more than a plan can have. */
  constructor(engine: Engine, plan: ScanPlan) {
    this.#engine = engine;
    this.#bytes = new Uint8Array(engine.memory);
    this.#numbers = new Uint32Array(engine.memory);
    writePlan(engine.memory, plan);
    this.#known = new KnownValues(engine, plan.leaves.length, plan.alternatives);
  }

  lines(block: Uint8Array, start: number, end: number): Scanned {
    if (end > start && block[end - 1] !== lineFeed)
      throw new RangeError("A block of lines ends with a line feed; this one does not.");
    this.#engine.lines(this.#put(block, start, end));
    return this.#result(start);
  }

  items(block: Uint8Array, start: number, end: number): Scanned {
    this.#engine.items(this.#put(block, start, end));
    return this.#result(start);
  }

  learn(leaf: number, json: Uint8Array, alternatives: Alternatives): boolean {
    return this.#known.learn(leaf, json, alternatives);
  }

  open(leaf: number, alternatives: Alternatives): void {
    this.#known.open(leaf, alternatives);
  }

  #put(block: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length < 0 || length > longestBlock)
      throw new RangeError(`A block has at most ${longestBlock} bytes; this one has ${length}.`);
    this.#bytes.set(block.subarray(start, end), layout.blockAt);
    this.#bytes.fill(0, layout.blockAt + length, layout.blockAt + length + layout.blockPadding);
    return length;
  }

  #result(start: number): Scanned {
    const count = this.#number(layout.foundCountAt);
    while (this.#found.length < count)
      this.#found.push({ start: 0, end: 0, why: "asked", leaf: -1, valueStart: 0, valueEnd: 0 });
    for (let index = 0; index < count; index++) {
      const at = layout.foundAt + index * layout.foundBytes;
      const found = this.#found[index]!;
      const why = this.#number(at + layout.whyOffset);
      found.start = start + this.#number(at);
      found.end = start + this.#number(at + layout.foundEndOffset);
      found.why = why === layout.isWanted ? "wanted" : why === layout.isAsked ? "asked" : "unknown";
      const isUnknown = why === layout.isUnknown;
      found.leaf = isUnknown ? this.#number(at + layout.foundLeafOffset) : -1;
      found.valueStart = isUnknown ? start + this.#number(at + layout.valueStartOffset) : 0;
      found.valueEnd = isUnknown ? start + this.#number(at + layout.valueEndOffset) : 0;
    }
    this.#scanned.records = this.#number(layout.recordsAt);
    this.#scanned.count = count;
    this.#scanned.reached = start + this.#number(layout.reachedAt);
    this.#scanned.isAscii = this.#number(layout.hasOthersAt) === 0;
    return this.#scanned;
  }

  #number(at: number): number {
    return this.#numbers[at >> 2]!;
  }
}
