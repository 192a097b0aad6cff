import { isUtf8 } from "node:buffer";
import { longestBlock, type Scanned, type Scanner } from "./plan.ts";

/** Lines are scanned in runs of so many bytes, which stay in the cache of a core while they are checked, copied and read. */
const fewLines = 128 * 1024;

const lineFeed = 0x0a;

/**
 * Scans lines of `block[start, end)`, which begins with a line: as many whole lines as one scan takes. A number: what is
 * before it is only understood by the full path.
 */
export const scanLines = (scanner: Scanner, block: Buffer, start: number, end: number): Scanned | number => {
  const last = lastLine(block, start, start + fewLines, end) || lastLine(block, start, start + longestBlock, end);
  if (last === 0) return end;
  const scanned = scanner.lines(block, start, last);
  return isRead(scanned, block, start) ? scanned : scanned.reached;
};

/** Whether the bytes that were scanned are UTF-8: records that are not are only understood by the full path. */
export const isRead = ({ isAscii, reached }: Scanned, block: Buffer, start: number): boolean =>
  isAscii || isUtf8(block.subarray(start, reached));

/** Where the last line ends that is whole in `block[start, limit)`, and before `end`; 0 if there is none. */
const lastLine = (block: Buffer, start: number, limit: number, end: number): number => {
  const last = block.lastIndexOf(lineFeed, Math.min(limit, end) - 1) + 1;
  return last > start ? last : 0;
};
