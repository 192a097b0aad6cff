import type { Found } from "../plan.ts";
import type { Run, Slot } from "./slot.ts";

const lineFeed = 0x0a;

/** What another thread found in the bytes of a stream, before they are decoded. */
export class ScannedAhead {
  /** How many lessons the scanner of that thread had. */
  readonly lessons: number;
  readonly #slot: Slot;
  /** Where the bytes of the slot are in their stream. */
  readonly #position: number;
  #run = 0;

  constructor(slot: Slot, position: number, lessons: number) {
    this.#slot = slot;
    this.#position = position;
    this.lessons = lessons;
  }

  /**
   * What was found in lines of `block[start, end)`, of which some may be left over; the block is part of the slot, and at
   * `position` in the stream. A number: what is before it is only understood by the full path. `undefined` if it is not known.
   */
  lines(block: Buffer, position: number, start: number, end: number) {
    const shift = position - this.#position;
    const run = this.#runAt(start + shift);
    if (!run) return undefined;
    const reached = Math.min(run.end - shift, end);
    const last = reached === run.end - shift ? reached : block.lastIndexOf(lineFeed, reached - 1) + 1;
    if (last <= start) return undefined;
    if (run.records < 0) return last;
    const isWhole = run.start === start + shift && run.end === last + shift;
    const found = this.#found(run, start, last, shift);
    return {
      found,
      count: found.length,
      records: isWhole ? run.records : linesIn(block, start, last),
      reached: last,
    };
  }

  #runAt(at: number): Run | undefined {
    const { runs } = this.#slot;
    for (; this.#run < runs; this.#run++) {
      const run = this.#slot.run(this.#run);
      if (at < run.end) return at >= run.start ? run : undefined;
    }
    return undefined;
  }

  #found({ firstFound, count }: Run, start: number, end: number, shift: number): Found[] {
    const all: Found[] = [];
    for (let index = firstFound; index < firstFound + count; index++) {
      const one = this.#slot.found(index);
      one.start -= shift;
      one.end -= shift;
      one.valueStart -= shift;
      one.valueEnd -= shift;
      if (one.start >= start && one.end < end) all.push(one);
    }
    return all;
  }
}

const linesIn = (block: Buffer, start: number, end: number): number => {
  let count = 0;
  for (let at = start; at < end; at = block.indexOf(lineFeed, at) + 1) count++;
  return count;
};
