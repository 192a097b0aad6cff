/** The thread that scans, on a machine without WebAssembly. */
import "../../src/scan/ahead/scan-worker.ts";

Reflect.deleteProperty(globalThis, "WebAssembly");
