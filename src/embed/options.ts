import type { CodecPlugin } from "../codec.ts";
import type { Log } from "../context.ts";
import type { RuleFolder, RuleType } from "../detection/rule-type.ts";
import type { Plugin } from "../plugin.ts";
import type { Problem } from "../problem.ts";

/** What a program can pass to a pipeline besides its text. */
export interface PipelineOptions {
  /** Plugins as values, as returned by `defineSource` and the others. Pipelines refer to them without a prefix. */
  readonly plugins?: readonly (Plugin | CodecPlugin | RuleType | RuleFolder)[] | undefined;
  /** The folder for relative paths of rules and plugins. Default: the working directory. */
  readonly folder?: string | undefined;
  /** Values for `${env:NAME}`. Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface RunOptions extends PipelineOptions {
  /**
   * The directory for checkpoints, state and outboxes. Only one process at a time can use it. Default: the pipeline's `data_dir`.
   * Without either, weir uses a temporary directory and deletes it when the run ends.
   */
  readonly dataDir?: string | undefined;
  /** Returns the log for a component, given its id, or `weir`. By default nothing is logged. */
  readonly log?: ((component: string) => Log) | undefined;
  /** Size limit for dead letters, in bytes. Sources wait when it is reached. Default: 1 GiB. */
  readonly deadLetterSize?: number | undefined;
}

/** Thrown if a pipeline has errors. The message lists all of them, with their positions. */
export class PipelineError extends Error {
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[]) {
    super(message);
    this.name = "PipelineError";
    this.problems = problems;
  }
}
