import { MemoryScanner } from "./memory-scanner.ts";
import { plainEngine } from "./plain-engine.ts";
import type { Scanner, ScanPlan } from "./plan.ts";

/** A scanner for machines without WebAssembly. Throws a RangeError if the plan has more than a plan can have. */
export const plainScanner = (plan: ScanPlan): Scanner => new MemoryScanner(plainEngine(), plan);
