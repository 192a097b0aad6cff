import type { Data } from "../json.ts";

/** A step within a transform, as `weir explain` shows it. */
export interface TracedStep {
  /** What the step is, in a few words: `grok message`. */
  readonly title: string;
  /** The outcome, unless the step simply did its work: `where: not met`. */
  readonly outcome?: string;
  /** The event's data after the step; leave it out if the step changed nothing. It is read before the call returns. */
  readonly data?: Data;
  /** Nesting depth, for a step within another one. Default: 0. */
  readonly depth?: number;
}

/** Shows a step of a transform. It exists only in `weir explain`, so call it as `tools.trace?.({ … })`. */
export type Trace = (step: TracedStep) => void;
