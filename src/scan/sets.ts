import * as layout from "./layout.ts";
import type { Alternatives } from "./plan.ts";

/** The bytes that a set of so many alternatives has in the memory. */
export const setBytesOf = (alternatives: number): number => Math.ceil(alternatives / 128) * 16;

/** Writes a set; the bits after the last alternative are 0. Throws a RangeError if it has another number of words. */
export const writeSet = (numbers: Uint32Array, at: number, set: Alternatives, alternatives: number): void => {
  const words = Math.ceil(alternatives / 32);
  if (set.length !== words)
    throw new RangeError(
      `A set of ${alternatives} alternatives has ${words} words of 32 bits; this one has ${set.length}.`,
    );
  numbers.set(set, at >> 2);
  if (alternatives % 32 > 0) numbers[(at >> 2) + words - 1]! &= 2 ** (alternatives % 32) - 1;
};

/** The address of the set for what a leaf says if it has no value, another text, or any other value. */
export const leafSetAt = (leaf: number, which: "absent" | "otherTexts" | "open"): number =>
  layout.leafSetsAt + (3 * leaf + ["absent", "otherTexts", "open"].indexOf(which)) * layout.mostSetBytes;
