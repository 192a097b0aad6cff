import type { Alternatives, Scanned, Scanner, ScanPlan } from "../plan.ts";

/** The alternatives that a scanner learned for one value of a leaf, or without `json` for all values it does not know. */
export interface Lesson {
  readonly leaf: number;
  readonly json?: Uint8Array;
  readonly alternatives: Alternatives;
}

/** Passes a lesson on to another scanner. Scanners that get the same lessons in the same order know the same, and forget at the same time. */
export const teach = (scanner: Scanner, { leaf, json, alternatives }: Lesson): void => {
  if (json) scanner.learn(leaf, json, alternatives);
  else scanner.open(leaf, alternatives);
};

/** A scanner that records its lessons, for scanners with the same plan in other threads. */
export class TaughtScanner implements Scanner {
  readonly plan: ScanPlan;
  readonly lessons: Lesson[] = [];
  readonly #scanner: Scanner;

  constructor(scanner: Scanner, plan: ScanPlan) {
    this.#scanner = scanner;
    this.plan = plan;
  }

  lines(block: Uint8Array, start: number, end: number): Scanned {
    return this.#scanner.lines(block, start, end);
  }

  items(block: Uint8Array, start: number, end: number): Scanned {
    return this.#scanner.items(block, start, end);
  }

  learn(leaf: number, json: Uint8Array, alternatives: Alternatives): boolean {
    // In memory of its own, which is all that is sent to a thread.
    this.lessons.push({ leaf, json: new Uint8Array(json), alternatives });
    return this.#scanner.learn(leaf, json, alternatives);
  }

  open(leaf: number, alternatives: Alternatives): void {
    this.lessons.push({ leaf, alternatives });
    this.#scanner.open(leaf, alternatives);
  }
}
