import type { Data } from "../json.ts";

/** A step within a transform, as `weir explain` shows it. */
export interface TracedStep {
  /** What the step is, in a few words: `grok message`. */
  readonly title: string;
  /** What became of it, if it did not simply do its work: `where: not met`. */
  readonly outcome?: string;
  /** The event's data after the step. Without it, the step changed nothing. It is looked at before the call returns. */
  readonly data?: Data;
  /** For a step within another one: how deep; 0 by default. */
  readonly depth?: number;
}

/** Shows a step of a transform. It is there only in `weir explain`, so call it as `tools.trace?.({ … })`. */
export type Trace = (step: TracedStep) => void;
