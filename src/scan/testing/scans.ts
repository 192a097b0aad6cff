import { plainScanner } from "../plain-scanner.ts";
import { type Found, longestBlock, type Scanned, type Scanner, type ScanPlan } from "../plan.ts";
import { wasmScanner } from "../wasm-scanner.ts";

/** Both scanners, which have to find the same. */
export const scanners = (plan: ScanPlan): readonly Scanner[] => [wasmScanner(plan)!, plainScanner(plan)];

/** All that was found in a block, and how many records were scanned. */
export interface Whole {
  readonly records: number;
  readonly found: readonly Found[];
  readonly reached: number;
}

/** Goes on where a scan stopped, until it comes no further. */
const whole = (scan: (start: number) => Scanned, start: number, end: number): Whole => {
  let records = 0;
  let reached = start;
  const found: Found[] = [];
  while (reached < end) {
    const scanned = scan(reached);
    records += scanned.records;
    for (const one of scanned.found.slice(0, scanned.count)) found.push({ ...one });
    if (scanned.reached === reached) break;
    reached = scanned.reached;
  }
  return { records, found, reached };
};

export const wholeLines = (scanner: Scanner, block: Uint8Array, start = 0, end = block.length): Whole =>
  whole((from) => scanner.lines(block, from, linesEnd(block, from, end)), start, end);

/** Where the last line ends of those that one scan can take. */
const linesEnd = (block: Uint8Array, start: number, end: number): number =>
  end - start <= longestBlock ? end : block.lastIndexOf(0x0a, start + longestBlock - 1) + 1;

export const wholeItems = (scanner: Scanner, block: Uint8Array, start = 0, end = block.length): Whole =>
  whole((from) => scanner.items(block, from, end), start, end);
