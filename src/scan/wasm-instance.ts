import type { Engine } from "./engine.ts";
import { scannerCode } from "./scanner-code.ts";

/** What is used of WebAssembly, whose types come with those of browsers only. */
interface WebAssemblyApi {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** What the module in src/scan/assembly exports. */
export interface Exports extends Omit<Engine, "memory"> {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Outlines the record that the first `length` bytes of the block are; 0 unless all is certain. */
  readonly outline: (length: number) => number;
}

/** The compiled module, once it is needed; `null`: this machine cannot have it. */
let compiled: object | null | undefined;

/** A new instance with a memory of its own, or `undefined` if this machine has no WebAssembly, no SIMD in it, or no memory for it. */
export const wasmInstance = (): Exports | undefined => {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssemblyApi };
  if (WebAssembly === undefined || compiled === null) return undefined;
  try {
    compiled ??= new WebAssembly.Module(Buffer.from(scannerCode, "base64"));
  } catch {
    compiled = null;
    return undefined;
  }
  try {
    return new WebAssembly.Instance(compiled).exports as Exports;
  } catch {
    return undefined;
  }
};
