import type { CodecPlugin } from "../codec.ts";
import type { Log } from "../context.ts";
import type { RuleFolder, RuleType } from "../detection/rule-type.ts";
import type { Plugin } from "../plugin.ts";
import type { Problem } from "../problem.ts";

/** What a program can hand to a pipeline beside its text. */
export interface PipelineOptions {
  /** Plugins as values: what `defineSource` and the like return. Pipelines name them without a prefix. */
  readonly plugins?: readonly (Plugin | CodecPlugin | RuleType | RuleFolder)[] | undefined;
  /** The folder that paths of rules and entries of `plugins` are relative to; the working directory by default. */
  readonly folder?: string | undefined;
  /** What `${env:NAME}` stands for; the environment of the process by default. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface RunOptions extends PipelineOptions {
  /**
   * The directory for checkpoints, state and outboxes, which one process at a time can use; by default `data_dir` of the
   * pipeline. Without either they are in a temporary directory, and gone when the run ends.
   */
  readonly dataDir?: string | undefined;
  /** Gets what the command would log, with the id of the component, or `weir`. By default nothing is logged. */
  readonly log?: ((component: string) => Log) | undefined;
  /** Size limit for dead letters, in bytes; sources wait when it is reached. 1 GiB by default. */
  readonly deadLetterSize?: number | undefined;
}

/** Thrown if a pipeline has errors. Its message has them all, with their places. */
export class PipelineError extends Error {
  readonly problems: readonly Problem[];

  constructor(message: string, problems: readonly Problem[]) {
    super(message);
    this.name = "PipelineError";
    this.problems = problems;
  }
}
