import { formatProblems } from "../config/format.ts";
import type { LoadedFile } from "./load-file.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the problems of a pipeline file, if any, to the error stream. */
export const reportProblems = (loaded: LoadedFile, terminal: Terminal): void => {
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  if (problems.length === 0) return;
  terminal.error(formatProblems(problems, loaded.textOf, { color: terminal.color.error }));
};
