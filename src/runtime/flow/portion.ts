import type { Reading } from "../../plugin.ts";
import { type Draft, recordsIn } from "./whole-reading.ts";

/** So many bytes are decoded in a few milliseconds, for which other work waits. */
const decodedPortion = 256 * 1024;
/** The same of bytes of which nearly all is passed over. */
const passedPortion = 1024 * 1024;

/** How many bytes to take at first. */
export const firstPortion = decodedPortion;

/** How many bytes of a reading to take at once after what has become of the last ones. */
export const portionAfter = (draft: Draft): number =>
  draft.passed > recordsIn(draft) * 16 ? passedPortion : decodedPortion;

/**
 * The first bytes of a reading as a reading of its own, and the rest. One with `once` or `settled` is returned as it is: its
 * outcome is that of the whole, and its detail may hold for the end of it only.
 */
export const divided = (reading: Reading, size: number): readonly [first: Reading, rest?: Reading] => {
  const { bytes, position, once, settled } = reading;
  if (bytes.length <= size || once || settled) return [reading];
  const first = { ...reading, bytes: bytes.subarray(0, size), end: false, forget: false };
  return [first, { ...reading, position: position + size, bytes: bytes.subarray(size) }];
};
