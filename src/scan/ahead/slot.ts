import type { Found, Scanned } from "../plan.ts";

/** The most bytes of a reading that are scanned ahead at once. */
export const slotBytes = 1024 * 1024 + 64 * 1024;

/** The most runs and found records of a slot. What comes after them is not scanned ahead. */
const mostRuns = 256;
const mostFound = 8192;

const headNumbers = 2;
const runNumbers = 5;
const foundNumbers = 6;
const runsAt = headNumbers;
const foundAt = runsAt + mostRuns * runNumbers;
const numbersInAll = foundAt + mostFound * foundNumbers;

let slots = 0;

const reasons = ["wanted", "asked", "unknown"] as const;

/** Memory that two threads share: a block of bytes, and what a scan found in it. They use it in turns. */
export class Slot {
  /** Tells it from others of the same process. */
  readonly number = ++slots;
  readonly memory: SharedArrayBuffer;
  readonly bytes: Buffer;
  readonly #numbers: Int32Array;

  constructor(memory = new SharedArrayBuffer(slotBytes + numbersInAll * 4)) {
    this.memory = memory;
    this.bytes = Buffer.from(memory, 0, slotBytes);
    this.#numbers = new Int32Array(memory, slotBytes);
  }

  /** Forgets what was found. */
  clear(): void {
    this.#numbers.fill(0, 0, headNumbers);
  }

  get runs(): number {
    return this.#numbers[0]!;
  }

  /** Notes a run of lines; `undefined`: it was not scanned. Returns false if there is no room. */
  note(start: number, end: number, scanned: Scanned | undefined): boolean {
    const { runs } = this;
    const firstFound = this.#numbers[1]!;
    const { found, count, records } = scanned ?? { found: [], count: 0, records: -1 };
    if (runs === mostRuns || firstFound + count > mostFound) return false;
    this.#numbers.set([start, end, records, firstFound, count], runsAt + runs * runNumbers);
    for (let index = 0; index < count; index++) {
      const { start, end, why, leaf, valueStart, valueEnd } = found[index]!;
      const at = foundAt + (firstFound + index) * foundNumbers;
      this.#numbers.set([start, end, reasons.indexOf(why), leaf, valueStart, valueEnd], at);
    }
    this.#numbers[0] = runs + 1;
    this.#numbers[1] = firstFound + count;
    return true;
  }

  /** A run that was noted. `records` is negative if it was not scanned. */
  run(index: number): Run {
    const at = runsAt + index * runNumbers;
    const numbers = this.#numbers;
    return {
      start: numbers[at]!,
      end: numbers[at + 1]!,
      records: numbers[at + 2]!,
      firstFound: numbers[at + 3]!,
      count: numbers[at + 4]!,
    };
  }

  /** A record that was found. */
  found(index: number): Found {
    const at = foundAt + index * foundNumbers;
    const numbers = this.#numbers;
    return {
      start: numbers[at]!,
      end: numbers[at + 1]!,
      why: reasons[numbers[at + 2]!]!,
      leaf: numbers[at + 3]!,
      valueStart: numbers[at + 4]!,
      valueEnd: numbers[at + 5]!,
    };
  }
}

/** Lines that were scanned at once: `[start, end)` in the block. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly records: number;
  readonly firstFound: number;
  readonly count: number;
}
