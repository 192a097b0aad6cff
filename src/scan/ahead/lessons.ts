import type { Alternatives, Scanned, Scanner, ScanPlan } from "../plan.ts";

/** What a scanner was told about a value of a leaf, or about all others of it. */
export interface Lesson {
  readonly leaf: number;
  readonly json?: Uint8Array;
  readonly alternatives: Alternatives;
}

/** Tells a scanner what another one was told. In the same order, both know the same, and forget it at the same time. */
export const tell = (scanner: Scanner, { leaf, json, alternatives }: Lesson): void => {
  if (json) scanner.learn(leaf, json, alternatives);
  else scanner.open(leaf, alternatives);
};

/** A scanner that keeps what it was told, for others that scan by the same plan in other threads. */
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
