import { parentPort, workerData } from "node:worker_threads";
import type { Scanner, ScanPlan } from "../plan.ts";
import { scannerOf } from "../scanner.ts";
import { type Lesson, teach } from "./lessons.ts";
import { scanSlot } from "./scan-slot.ts";
import { Slot } from "./slot.ts";

/** A part of a reading to scan. */
export interface ScanJob {
  /** The number of a slot, and its memory if it is new to the thread. */
  readonly slot: number;
  readonly memory?: SharedArrayBuffer | undefined;
  readonly start: number;
  readonly end: number;
  /** The number of a scanner, its plan if it is new to the thread, and its lessons since the last job. */
  readonly scanner: number;
  readonly plan?: ScanPlan | undefined;
  readonly lessons: readonly Lesson[];
}

/** A scanner that is not needed any more. */
export interface EndOfScanner {
  readonly ended: number;
}

const scanners = new Map<number, Scanner>();
const slots = new Map<number, Slot>();

/** What a thread is started with to do this. Others may load this module together with what else they need. */
export const isScanWorker = "weir scan worker";

const work = (message: ScanJob | EndOfScanner): void => {
  if ("ended" in message) {
    scanners.delete(message.ended);
    return;
  }
  const { slot: number, memory, start, end, lessons, plan } = message;
  if (plan) scanners.set(message.scanner, scannerOf(plan));
  const scanner = scanners.get(message.scanner)!;
  for (const lesson of lessons) teach(scanner, lesson);
  if (memory) slots.set(number, new Slot(memory));
  scanSlot(scanner, slots.get(number)!, start, end);
  parentPort?.postMessage(number);
};

// A thin shell: one job, one answer, in order.
if (workerData === isScanWorker) {
  parentPort?.on("message", work);
  parentPort?.postMessage("ready");
}
