import { withoutLearning } from "../baseline/components.ts";
import { toMermaid } from "../topology/mermaid.ts";
import { loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints a pipeline as a Mermaid flowchart. */
export const graph = async (file: string, terminal: Terminal): Promise<number> => {
  const loaded = await loadPipelineFile(file);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  terminal.out(toMermaid(withoutLearning(loaded.value.topology)));
  return exit.success;
};
