import type { Scanner } from "../plan.ts";
import { scanLines } from "../scan-lines.ts";
import type { Slot } from "./slot.ts";

/** Scans the lines in `[start, end)` of a slot, and notes there what it found. A line begins at `start`. */
export const scanSlot = (scanner: Scanner, slot: Slot, start: number, end: number): void => {
  slot.clear();
  for (let at = start; at < end; ) {
    const scanned = scanLines(scanner, slot.bytes, at, end);
    const isScanned = typeof scanned !== "number";
    const reached = isScanned ? scanned.reached : scanned;
    if (!slot.note(at, reached, isScanned ? scanned : undefined)) return;
    at = reached;
  }
};
