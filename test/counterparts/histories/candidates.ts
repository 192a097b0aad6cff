import type { Random } from "../../kill/random.ts";
import { start, termsOf } from "./audit.ts";

const day = 24 * 3_600_000;

/** A read of a secret by somebody that the number stands for. */
export interface Candidate {
  readonly id: string;
  readonly combination: number;
  readonly at: number;
}

export interface Amount {
  readonly events: number;
  readonly combinations: number;
}

/** Reads of secrets in the order of their times for each combination: now and then, one was away for longer than the window. */
export const candidatesFor = (random: Random, { events, combinations }: Amount): readonly Candidate[] => {
  const last = new Map<number, number>();
  return Array.from({ length: events }, (_, n) => {
    const combination = n < combinations ? n : random.between(0, combinations - 1);
    const gap = random.chance(0.1) ? random.between(8 * day, 20 * day) : random.between(0, day);
    // None of them is in the future: that would be another time.
    const at = (last.get(combination) ?? start - 1_000 * day) + gap;
    last.set(combination, at);
    return { id: `audit-${n}`, combination, at };
  });
};

/** What one weir would raise that gets everything in order: the event of each alert, and whom it names. */
export const sequential = (all: readonly Candidate[]): ReadonlyMap<string, string> => {
  const last = new Map<number, number>();
  const found = new Map<string, string>();
  for (const { id, combination, at } of all) {
    const before = last.get(combination);
    if (before === undefined || before < at - 7 * day) found.set(id, termsOf(combination));
    last.set(combination, at);
  }
  return found;
};
