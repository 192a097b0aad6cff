import { plainScanner } from "./plain-scanner.ts";
import type { Scanner, ScanPlan } from "./plan.ts";
import { wasmScanner } from "./wasm-scanner.ts";

/** The fastest scanner that this machine can have. Throws a RangeError if the plan has more than a plan can have. */
export const scannerOf = (plan: ScanPlan): Scanner => wasmScanner(plan) ?? plainScanner(plan);
