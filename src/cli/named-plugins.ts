import { codecLoaders, pluginLoaders } from "../../plugins/loaders.ts";
import type { CodecPlugin } from "../codec.ts";
import type { Plugin } from "../plugin.ts";
import { isTrusted } from "./trusted.ts";

/** What comes with weir: all of it, or what a pipeline names. */
export interface Shipped {
  readonly plugins: readonly Plugin[];
  readonly codecs: readonly CodecPlugin[];
}

type Loader = () => Promise<{ readonly default: Plugin | CodecPlugin }>;
const loaders = new Map<string, Loader>([...Object.entries(pluginLoaders), ...Object.entries<Loader>(codecLoaders)]);

const loaded = new Set<Plugin>();

/** Those that have been loaded so far for which data is neither frozen nor checked; for all others it is. */
export const trusted: ReadonlySet<Plugin> = loaded;

/** The plugins and codecs with these names, each as its kind and name, such as `source file`; unknown ones are left out. */
export const namedPlugins = async (names: readonly string[]): Promise<Shipped> => {
  const named = await load(names);
  const defaults = named.flatMap((plugin) => (plugin.kind === "source" ? `codec ${plugin.decoding?.codec}` : []));
  const found = [...named, ...(await load(defaults.filter((name) => !names.includes(name))))];
  const plugins = found.filter((plugin) => plugin.kind !== "codec");
  for (const plugin of plugins.filter(isTrusted)) loaded.add(plugin);
  return { plugins, codecs: found.filter((plugin) => plugin.kind === "codec") };
};

const load = async (names: readonly string[]): Promise<readonly (Plugin | CodecPlugin)[]> => {
  const modules = await Promise.all([...new Set(names)].map((name) => loaders.get(name)?.()));
  return modules.flatMap((module) => module?.default ?? []);
};

/** All of them. */
export const allPlugins = (): Promise<Shipped> => namedPlugins([...loaders.keys()]);
