import { MemoryScanner } from "./memory-scanner.ts";
import type { Scanner, ScanPlan } from "./plan.ts";
import { wasmInstance } from "./wasm-instance.ts";

/**
 * A scanner in WebAssembly, or `undefined` if this machine has no WebAssembly, no SIMD in it, or no memory for it. Throws a
 * RangeError if the plan has more than a plan can have.
 */
export const wasmScanner = (plan: ScanPlan): Scanner | undefined => {
  const exports = wasmInstance();
  return exports && new MemoryScanner({ ...exports, memory: exports.memory.buffer }, plan);
};
