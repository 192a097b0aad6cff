import { rmSync } from "node:fs";
import { temporaryFolder } from "../temporary-folder.ts";
import { defaultDataDir } from "./program-options.ts";
import type { RunOptions } from "./run.ts";
import { exit, type Terminal } from "./terminal.ts";

/** `dataDir`: where the data is, whatever the pipeline says. */
export type FileRunOptions = Omit<RunOptions, "dataDir"> & Partial<Pick<RunOptions, "dataDir">>;

/** Checks a pipeline and runs it until it ends or is stopped. */
export const runFile = async (file: string, given: FileRunOptions, terminal: Terminal): Promise<number> => {
  const options = {
    ...given,
    dataDir: "",
    showProgress: terminal.isInteractive === true && process.env["TERM"] !== "dumb",
  };
  // Loaded on demand: other commands start faster without them.
  const { loadPipelineFile } = await import("./load-file.ts");
  const { reportProblems } = await import("./report-problems.ts");
  const loaded = await loadPipelineFile(file);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  // Loaded on demand: a mistake in the pipeline is reported without loading the runtime.
  const { runTopology } = await import("./run.ts");
  const { topology } = loaded.value;
  const ofPipeline = loaded.value.dataDir ?? defaultDataDir;
  const origin = { file, loaded, ...(given.dataDir === undefined && !given.temporary && { dataDir: ofPipeline }) };
  if (!options.temporary) return runTopology(topology, { ...options, dataDir: given.dataDir ?? ofPipeline }, origin);
  const dataDir = temporaryFolder("weir-");
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  // A second signal and an uncaught error end the process where it stands.
  process.once("exit", remove);
  try {
    return await runTopology(topology, { ...options, dataDir }, origin);
  } finally {
    remove();
  }
};
