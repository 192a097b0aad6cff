import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { shippedText } from "../shipped.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import type { RunOptions } from "./run.ts";
import { runFile } from "./run-file.ts";
import type { Terminal } from "./terminal.ts";

const pipeline = "examples/demo.yaml";

/** Runs the demo that comes with weir in a temporary folder, from wherever it is called; resolves to the exit code. */
export const demo = async (options: Omit<RunOptions, "dataDir">, terminal: Terminal): Promise<number> => {
  const here = process.cwd();
  const folder = temporaryFolder("weir-demo-");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  mkdirSync(join(folder, "examples"));
  // Its paths are relative to the working directory.
  for (const path of [pipeline, "examples/audit-sample.log"]) writeFileSync(join(folder, path), shippedText(path));
  process.chdir(folder);
  try {
    const code = await runFile(pipeline, { ...options, temporary: true }, terminal);
    if (terminal.isInteractive)
      terminal.error("\nThis was `weir pipelines show demo`. For your own cluster: `weir pipelines list`.\n");
    return code;
  } finally {
    process.chdir(here);
    remove();
  }
};
