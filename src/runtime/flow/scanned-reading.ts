import type { Reading } from "../../plugin.ts";
import type { TaughtScanner } from "../../scan/ahead/lessons.ts";
import type { ScanThreads } from "../../scan/ahead/scan-threads.ts";
import type { ScannedAhead } from "../../scan/ahead/scanned-ahead.ts";

/** A reading, and what was found in it if it has been scanned. */
export interface ScannedReading extends Reading {
  readonly ahead?: ScannedAhead;
}

/** What scans a reading ahead. */
export interface Scanning {
  readonly threads: ScanThreads;
  readonly scanner: TaughtScanner;
}
