import { didYouMean } from "../problem.ts";
import { codecPage, pluginPage } from "../reference/page.ts";
import { loadedPlugins } from "./loaded-plugins.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints the reference page of a component type; of each kind that has it. */
export const show = async (type: string, file: string | undefined, terminal: Terminal): Promise<number> => {
  const loaded = await loadedPlugins(file, terminal);
  if (!loaded) return exit.config;
  const plugins = [...loaded.plugins, ...loaded.codecs];
  const found = plugins.filter(({ name }) => name === type);
  if (found.length > 0) {
    terminal.out(found.map((plugin) => (plugin.kind === "codec" ? codecPage(plugin) : pluginPage(plugin))).join("\n"));
    return exit.success;
  }
  const names = plugins.map(({ name }) => name);
  const meant = names.find((name) => name.endsWith(`/${type}`));
  const hint = (meant && `Did you mean "${meant}"?`) ?? didYouMean(type, names) ?? "weir list lists them.";
  terminal.error(`There is no component type "${type}". ${hint}\n`);
  return exit.failed;
};
