import type { Reading } from "../../plugin.ts";
import { type Draft, recordsIn } from "./whole-reading.ts";

/** So many bytes are decoded in a few milliseconds, for which other work waits, unless much is done with each event. */
const decodedPortion = 256 * 1024;
/** The same of bytes of which nearly all is passed over. */
const passedPortion = 1024 * 1024;
/** Less is not worth a turn: it has a few dozen events, which take that long only if each is looked up on the disk. */
const leastPortion = 4 * 1024;

/** How long a portion should take, in milliseconds, with all that comes of it in the same turn. */
const time = 4;

/** How many bytes to take at first: it is not known yet how long they take, and code that is new to the process is slow. */
export const firstPortion = 16 * 1024;

/**
 * How many bytes of a reading to take at once after what has become of the last ones, given that the last `bytes` took `took` milliseconds;
 * `undefined` if that says nothing.
 */
export const portionAfter = (draft: Draft, bytes: number, took: number): number | undefined => {
  if (bytes < leastPortion) return undefined;
  const most = draft.passed > recordsIn(draft) * 16 ? passedPortion : decodedPortion;
  return Math.round(Math.max(leastPortion, Math.min(most, (bytes * time) / took)));
};

/**
 * The first bytes of a reading as a reading of its own, and the rest. One with `once` or `settled` is returned as it is: its
 * outcome is that of the whole, and its detail may hold for the end of it only.
 */
export const divided = <R extends Reading>(reading: R, size: number): readonly [first: R, rest?: R] => {
  const { bytes, position, once, settled } = reading;
  if (bytes.length <= size || once || settled) return [reading];
  const first = { ...reading, bytes: bytes.subarray(0, size), end: false, forget: false };
  return [first, { ...reading, position: position + size, bytes: bytes.subarray(size) }];
};
