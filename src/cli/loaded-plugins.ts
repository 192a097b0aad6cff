import { type LoadedFile, loadPipelineFile } from "./load-file.ts";
import { codecs, plugins } from "./plugins.ts";
import { reportProblems } from "./report-problems.ts";
import type { Terminal } from "./terminal.ts";

/**
 * The plugins and codecs that a pipeline file can use, whatever else is wrong in it; without a file, those that come with weir.
 * `undefined` if the file or one of its plugins cannot be loaded, which has been reported.
 */
export const loadedPlugins = async (
  file: string | undefined,
  terminal: Terminal,
): Promise<Pick<LoadedFile, "plugins" | "codecs"> | undefined> => {
  if (file === undefined) return { plugins, codecs };
  const loaded = await loadPipelineFile(file);
  const all = { plugins: [...plugins, ...loaded.plugins], codecs: [...codecs, ...loaded.codecs] };
  if (loaded.ok) return all;
  const problems = loaded.problems.filter(({ code }) => aboutPlugins.has(code));
  if (problems.length === 0) return all;
  reportProblems({ ...loaded, problems }, terminal);
  return undefined;
};

const aboutPlugins: ReadonlySet<string> = new Set(["config/yaml", "config/unreadable-file", "config/plugin-module"]);
