import { dirname } from "node:path";
import type { CodecPlugin } from "../codec.ts";
import { type Pipeline, readPipeline } from "../config/load.ts";
import { maskText } from "../config/mask.ts";
import type { PluginModules } from "../config/plugin-list.ts";
import type { ReferenceLookup } from "../config/references.ts";
import type { Catalog } from "../option/decoder.ts";
import type { Plugin } from "../plugin.ts";
import { loadPluginModules } from "../plugin-modules/load.ts";
import { findPackage } from "../plugin-modules/package.ts";
import type { Result } from "../problem.ts";
import { fileText, pipelineText } from "./file-text.ts";
import { allPlugins, namedPlugins, type Shipped } from "./named-plugins.ts";
import { unreadable } from "./unreadable.ts";

/** A pipeline file, read and checked. */
export type LoadedFile = Result<Pipeline> & {
  /** The text of a file that a problem is in, with secrets masked, for code frames. */
  textOf(file: string): string | undefined;
  /** The plugins of its modules, also if it has errors. */
  readonly plugins: readonly Plugin[];
  /** The codecs of its modules. */
  readonly codecs: readonly CodecPlugin[];
  /** The files that were read, also if they have errors, and those that components read when they start. */
  readonly files: readonly string[];
};

/** What a pipeline refers to outside of its file. */
interface Surroundings extends ReferenceLookup {
  /** Whether a package that plugins need is installed; by default, it is looked for. */
  hasPackage?(wanted: string): boolean;
}

/** The environment of the process, and the files of the machine. */
const ownSurroundings: Surroundings = { env: (name) => process.env[name], readFile: fileText };

/** Reads a pipeline file, with plugins, rules, and what its references stand for. It never rejects. */
export const loadPipelineFile = async (
  path: string,
  surroundings: Surroundings = ownSurroundings,
): Promise<LoadedFile> => {
  let text: string;
  try {
    text = pipelineText(path);
  } catch (error) {
    const problems = [unreadable("pipeline", path, error as Error)];
    return { ok: false, problems, textOf: () => undefined, plugins: [], codecs: [], files: [path] };
  }
  const { modules: entries, named } = readPipeline(text, path);
  const modules = await loadPluginModules(entries, path);
  const given: Given = { path, text, modules, surroundings };
  // A sound pipeline needs what it names, and nothing else is loaded. The others are for messages about one that is not.
  const mayHaveRules = modules.size > 0 || named.includes(ofRules);
  const rules = mayHaveRules ? await ruleFiles(given) : new NoRules();
  const loaded = check(given, await namedPlugins(named), rules);
  if (loaded.ok && !(rules instanceof NoRules && rules.wereAsked)) return loaded;
  return check(given, await allPlugins(), await ruleFiles(given));
};

/** The plugin that runs rules. Others may name one. */
const ofRules = "transform detection";

interface Given {
  readonly path: string;
  readonly text: string;
  readonly modules: PluginModules;
  readonly surroundings: Surroundings;
}

/** Rules as a pipeline needs them, with the files that they are from. */
interface Rules extends Catalog<unknown> {
  readonly paths: readonly string[];
  textOf(file: string): string | undefined;
}

/** Loaded on demand: all that is known about rules is a third of weir. */
const ruleFiles = async ({ path, modules }: Given): Promise<Rules> => {
  const { RuleFiles } = await import("./rule-files.ts");
  return new RuleFiles(dirname(path), modules);
};

/** Stands for the rules of a pipeline that is not expected to have any. */
class NoRules implements Rules {
  readonly paths: readonly string[] = [];
  /** Whether they were needed after all: then what was found with them does not count. */
  wereAsked = false;

  names(): readonly string[] {
    this.wereAsked = true;
    return [];
  }

  get(): undefined {
    this.wereAsked = true;
    return undefined;
  }

  textOf(): undefined {
    return undefined;
  }
}

const check = ({ path, text, modules, surroundings }: Given, shipped: Shipped, rules: Rules): LoadedFile => {
  const referred = new Set<string>();
  const readFile = (file: string) => {
    referred.add(file);
    return surroundings.readFile(file);
  };
  const result = readPipeline(text, path).load({
    ...shipped,
    modules,
    rules,
    env: surroundings.env,
    readFile,
    hasPackage: (wanted) => surroundings.hasPackage?.(wanted) ?? findPackage(wanted, path),
  });
  const added = [...modules.values()];
  const plugins = added.flatMap((module) => module.plugins);
  const codecs = added.flatMap((module) => module.codecs ?? []);
  let masked: string | undefined;
  const textOf = (file: string) => {
    if (file !== path) return rules.textOf(file);
    masked ??= maskText(text, [...shipped.plugins, ...plugins]);
    return masked;
  };
  const read = added.flatMap((module) => module.files ?? []);
  const parts = result.ok ? [...result.value.parts.values()] : [];
  const files = [path, ...referred, ...rules.paths, ...read, ...parts.flatMap((part) => [...part.files.values()])];
  return { ...result, textOf, plugins, codecs, files };
};
