import { editorSchema } from "../reference/editor-schema.ts";
import { loadedPlugins } from "./loaded-plugins.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints the JSON schema of pipelines that use the plugins of weir, and of a pipeline file. */
export const schema = async (file: string | undefined, terminal: Terminal): Promise<number> => {
  const loaded = await loadedPlugins(file, terminal);
  if (!loaded) return exit.config;
  terminal.out(`${JSON.stringify(editorSchema(loaded.plugins, loaded.codecs), undefined, 2)}\n`);
  return exit.success;
};
