import type { Problem } from "../problem.ts";
import type { PipelineOptions, RunOptions } from "./options.ts";
import type { RunningPipeline } from "./run.ts";

export { PipelineError, type PipelineOptions, type RunOptions } from "./options.ts";
export type { RunningPipeline } from "./run.ts";
export type { EventTap, TapOptions, TappedEvent } from "./tap.ts";

/**
 * Runs a pipeline in this process. `pipeline` is the text of a pipeline file, or the object that it contains. Resolves when it
 * is running. Throws a `PipelineError` if the pipeline has errors, and an `Error` if the data dir cannot be used.
 */
export const run = async (pipeline: string | object, options: RunOptions = {}): Promise<RunningPipeline> =>
  // Plugins import this module, too: they do not load the runtime with it.
  (await import("./run.ts")).run(pipeline, options);

/** All problems of a pipeline, as `weir validate` reports them; those with the severity `error` prevent it from running. */
export const validate = async (
  pipeline: string | object,
  options: PipelineOptions = {},
): Promise<readonly Problem[]> => {
  const { result } = await (await import("./load.ts")).load(pipeline, options);
  return result.ok ? result.warnings : result.problems;
};
