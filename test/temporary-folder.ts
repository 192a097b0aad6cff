import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** All tests, and what they start, have one temporary folder, which is removed at the end. */
export const setup = (): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-"));
  process.env["TMPDIR"] = folder;
  // Hundreds of processes of weir compile the same modules.
  process.env["NODE_COMPILE_CACHE"] = join(folder, "compiled");
  return () => rmSync(folder, { recursive: true, force: true });
};
