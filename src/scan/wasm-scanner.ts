import type { Engine } from "./engine.ts";
import { MemoryScanner } from "./memory-scanner.ts";
import type { Scanner, ScanPlan } from "./plan.ts";
import { scannerCode } from "./scanner-code.ts";

/** What is used of WebAssembly, whose types come with those of browsers only. */
interface WebAssemblyApi {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly lines: (length: number) => void;
  readonly items: (length: number) => void;
  readonly hash: (leaf: number, at: number, length: number) => number;
}

/** The compiled module, once it is needed; `null`: this machine cannot have it. */
let compiled: object | null | undefined;

/**
 * A scanner in WebAssembly, or `undefined` if this machine has no WebAssembly, no SIMD in it, or no memory for it. Throws a
 * RangeError if the plan has more than a plan can have.
 */
export const wasmScanner = (plan: ScanPlan): Scanner | undefined => {
  const engine = wasmEngine();
  return engine && new MemoryScanner(engine, plan);
};

const wasmEngine = (): Engine | undefined => {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyApi };
  if (WebAssembly === undefined || compiled === null) return undefined;
  try {
    compiled ??= new WebAssembly.Module(Buffer.from(scannerCode, "base64"));
  } catch {
    compiled = null;
    return undefined;
  }
  try {
    const { memory, lines, items, hash } = new WebAssembly.Instance(compiled).exports as Exports;
    return { memory: memory.buffer, lines, items, hash };
  } catch {
    return undefined;
  }
};
