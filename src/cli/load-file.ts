import { dirname } from "node:path";
import type { CodecPlugin } from "../codec.ts";
import { type Pipeline, readPipeline } from "../config/load.ts";
import { maskText } from "../config/mask.ts";
import type { ReferenceLookup } from "../config/references.ts";
import type { Plugin } from "../plugin.ts";
import { loadPluginModules } from "../plugin-modules/load.ts";
import type { Result } from "../problem.ts";
import { fileText, pipelineText } from "./file-text.ts";
import { codecs, plugins } from "./plugins.ts";
import { RuleFiles } from "./rule-files.ts";
import { unreadable } from "./unreadable.ts";

/** A pipeline file, read and checked. */
export type LoadedFile = Result<Pipeline> & {
  /** The text of a file that a problem is in, with secrets masked, for code frames. */
  textOf(file: string): string | undefined;
  /** The plugins that the file can use, also if it has errors. */
  readonly plugins: readonly Plugin[];
  /** The codecs that the file can use. */
  readonly codecs: readonly CodecPlugin[];
  /** The files that were read, also if they have errors, and those that components read when they start. */
  readonly files: readonly string[];
};

/** The environment of the process, and the files of the machine. */
const ownSurroundings: ReferenceLookup = { env: (name) => process.env[name], readFile: fileText };

/** Reads a pipeline file, with plugins, rules, and what its references stand for. It never rejects. */
export const loadPipelineFile = async (path: string, surroundings = ownSurroundings): Promise<LoadedFile> => {
  let text: string;
  try {
    text = pipelineText(path);
  } catch (error) {
    return {
      ok: false,
      problems: [unreadable("pipeline", path, error as Error)],
      textOf: () => undefined,
      plugins,
      codecs,
      files: [path],
    };
  }
  const pipeline = readPipeline(text, path);
  const modules = await loadPluginModules(pipeline.modules, path);
  const rules = new RuleFiles(dirname(path), modules);
  const referred = new Set<string>();
  const readFile = (file: string) => {
    referred.add(file);
    return surroundings.readFile(file);
  };
  const result = pipeline.load({ plugins, codecs, modules, rules, env: surroundings.env, readFile });
  const known = [...plugins, ...[...modules.values()].flatMap((module) => module.plugins)];
  const knownCodecs = [...codecs, ...[...modules.values()].flatMap((module) => module.codecs ?? [])];
  let masked: string | undefined;
  const textOf = (file: string) => {
    if (file !== path) return rules.textOf(file);
    masked ??= maskText(text, known);
    return masked;
  };
  const read = [...modules.values()].flatMap((module) => module.files ?? []);
  const parts = result.ok ? [...result.value.parts.values()] : [];
  const files = [path, ...referred, ...rules.paths, ...read, ...parts.flatMap((part) => [...part.files.values()])];
  return { ...result, textOf, plugins: known, codecs: knownCodecs, files };
};
