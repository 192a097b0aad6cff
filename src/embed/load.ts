import { join, resolve } from "node:path";
import { fileText } from "../cli/file-text.ts";
import { plugins as builtIn, codecs } from "../cli/plugins.ts";
import { RuleFiles } from "../cli/rule-files.ts";
import { formatProblems } from "../config/format.ts";
import { type Pipeline, readPipeline } from "../config/load.ts";
import { maskText } from "../config/mask.ts";
import type { PluginModules } from "../config/plugin-list.ts";
import { definitionsIn } from "../plugin-modules/definitions.ts";
import { loadPluginModules } from "../plugin-modules/load.ts";
import { findPackage } from "../plugin-modules/package.ts";
import type { Problem, Result } from "../problem.ts";
import { PipelineError, type PipelineOptions } from "./options.ts";

/** A pipeline of a program, checked, and its problems as text. */
export interface LoadedPipeline {
  readonly result: Result<Pipeline>;
  /** Problems with their places, as the command prints them. */
  format(problems: readonly Problem[]): string;
}

/** The name of the pipeline in messages. */
const name = "pipeline";

/** Checks a pipeline, given as the text of a file or as the object that such a text stands for. */
export const load = async (
  pipeline: string | object,
  { plugins = [], folder = ".", env = process.env }: PipelineOptions,
): Promise<LoadedPipeline> => {
  const text = typeof pipeline === "string" ? pipeline : JSON.stringify(pipeline, undefined, 2);
  const file = join(resolve(folder), name);
  const given = definitionsIn(
    { plugins },
    { specifier: "", from: file, namespace: undefined, name: "program", isPackage: false },
  );
  const [flaw] = given.flaws;
  if (flaw) throw new TypeError(`${flaw.message}. ${flaw.hint ?? ""}`.trimEnd());
  const read = readPipeline(text, name);
  const modules: PluginModules = new Map([["", given], ...(await loadPluginModules(read.modules, file))]);
  const known = [...builtIn, ...given.plugins];
  const rules = new RuleFiles(resolve(folder), modules);
  const result = read.load({
    plugins: known,
    codecs,
    modules,
    rules,
    env: (variable) => env[variable],
    readFile: fileText,
    hasPackage: (wanted) => findPackage(wanted, file),
  });
  const all = [...known, ...[...modules.values()].flatMap((module) => module.plugins)];
  const textOf = (path: string) => (path === name ? maskText(text, all) : rules.textOf(path));
  return { result, format: (problems) => formatProblems(problems, textOf) };
};

/** The pipeline, if it has no errors; throws a `PipelineError` otherwise. */
export const pipelineOf = async (pipeline: string | object, options: PipelineOptions): Promise<Pipeline> => {
  const { result, format } = await load(pipeline, options);
  if (result.ok) return result.value;
  throw new PipelineError(format(result.problems), result.problems);
};
