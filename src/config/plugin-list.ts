import type { CodecPlugin } from "../codec.ts";
import type { RuleType } from "../detection/rule-type.ts";
import type { Plugin } from "../plugin.ts";
import type { Report } from "./report.ts";
import { show } from "./value-words.ts";

/** What a module that a pipeline names under `plugins` has, or what is wrong with it. */
export interface PluginModule {
  /** Its plugins, under the names by which pipelines use them. */
  readonly plugins: readonly Plugin[];
  readonly codecs?: readonly CodecPlugin[];
  /** Its rule types, which rule files can name. */
  readonly ruleTypes?: readonly RuleType[];
  /** Folders of rule files, and what comes before the names of the rules: `acme` in `acme/odd_login`. */
  readonly ruleFolders?: readonly { readonly namespace: string | undefined; readonly path: string }[];
  readonly flaws: readonly ModuleFlaw[];
  /** The files that it was read from, as far as they belong to it. */
  readonly files?: readonly string[];
}

/** Why a module, or one plugin in it, cannot be used. */
export interface ModuleFlaw {
  readonly message: string;
  /** The way out. */
  readonly hint?: string | undefined;
}

/** The modules by their entries in the list. */
export type PluginModules = ReadonlyMap<string, PluginModule>;

/** The entries under `plugins`, without those that are no text. */
export const pluginEntries = (root: unknown): string[] => {
  const list = listIn(root);
  const isEntry = (entry: unknown): entry is string =>
    typeof entry === "string" && entry !== "" && !entry.includes("${");
  return Array.isArray(list) ? list.filter(isEntry) : [];
};

/** All plugins that the pipeline can use: those that come with weir, and those of its modules. */
export const readPlugins = (
  root: unknown,
  builtIn: readonly Plugin[],
  modules: PluginModules,
  report: Report,
): readonly Plugin[] => {
  const list = listIn(root);
  if (list === undefined || list === null) return builtIn;
  if (!Array.isArray(list)) {
    report.error(
      "config/wrong-value",
      { path: ["plugins"] },
      [show(list, {}, []), wanted],
      "Write a list: [./geo.ts].",
    );
    return builtIn;
  }
  const known = new Map(builtIn.map((plugin) => [keyOf(plugin), "weir"]));
  const added = list.flatMap((entry: unknown, index) => {
    const path = ["plugins", index];
    if (typeof entry !== "string" || entry === "") {
      report.error("config/wrong-value", { path }, [show(entry, {}, []), entryTitle]);
      return [];
    }
    if (list.indexOf(entry) < index) {
      report.error("config/plugin-module", { path }, [`"${entry}" is listed twice`], "Remove one of them.");
      return [];
    }
    const module = modules.get(entry);
    if (!module) report.error("config/plugin-module", { path }, [noReference], "Write the name or the path itself.");
    const { plugins = [], flaws = [] } = module ?? {};
    for (const { message, hint } of flaws) report.error("config/plugin-module", { path }, [message], hint);
    return plugins.filter((plugin) => isNew(plugin, entry, known, path, report));
  });
  return [...builtIn, ...added];
};

/** All codecs that the pipeline can use. What is wrong with the list itself is reported by `readPlugins`. */
export const readCodecs = (
  root: unknown,
  builtIn: readonly CodecPlugin[],
  modules: PluginModules,
  report: Report,
): readonly CodecPlugin[] => {
  const known = new Map(builtIn.map((codec) => [keyOf(codec), "weir"]));
  const added = [...modules].flatMap(([entry, { codecs = [] }]) => {
    const index = pluginEntries(root).indexOf(entry);
    return codecs.filter((codec) => isNew(codec, entry, known, ["plugins", Math.max(index, 0)], report));
  });
  return [...builtIn, ...added];
};

const noReference = "a reference cannot be used here: plugins are loaded before references are followed";
const wanted = "a list of packages and files";
const entryTitle = "the name of a package, or the path of a file such as ./plugins/geo.ts";

const listIn = (root: unknown): unknown => (root as { readonly plugins?: unknown } | null | undefined)?.plugins;

type Named = Pick<Plugin | CodecPlugin, "kind" | "name">;

const keyOf = ({ kind, name }: Named): string => `${kind}/${name}`;

/** A type is one plugin: a module can replace neither those of weir nor those of another module. */
const isNew = (
  plugin: Named,
  entry: string,
  known: Map<string, string>,
  path: readonly (string | number)[],
  report: Report,
): boolean => {
  const owner = known.get(keyOf(plugin));
  known.set(keyOf(plugin), owner ?? entry);
  if (owner === undefined) return true;
  const other = owner === "weir" ? "one that comes with weir" : `one of "${owner}"`;
  const words = `the ${plugin.kind} "${plugin.name}" of "${entry}" has the same name as ${other}`;
  report.error("config/plugin-module", { path }, [words], "Rename the plugin.");
  return false;
};
