import type { Plugin } from "../plugin.ts";
import { loadPipelineFile } from "./load-file.ts";
import { plugins } from "./plugins.ts";
import { reportProblems } from "./report-problems.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The plugins that a pipeline file can use, whatever else is wrong in it; without a file, those that come with weir.
 * `undefined` if the file or one of its plugins cannot be loaded, which has been reported.
 */
export const loadedPlugins = async (
  file: string | undefined,
  terminal: Terminal,
): Promise<readonly Plugin[] | undefined> => {
  if (file === undefined) return plugins;
  const loaded = await loadPipelineFile(file);
  if (loaded.ok) return loaded.plugins;
  const problems = loaded.problems.filter(({ code }) => aboutPlugins.has(code));
  if (problems.length === 0) return loaded.plugins;
  reportProblems({ ...loaded, problems }, terminal);
  return undefined;
};

const aboutPlugins: ReadonlySet<string> = new Set(["config/yaml", "config/unreadable-file", "config/plugin-module"]);
