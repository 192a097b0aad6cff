import type { Draft } from "weir/fields";
import type { Trace } from "weir/transform";

/** Shows steps to `weir explain`. */
export class StepTrace {
  readonly #trace: Trace;
  readonly #depth: number;

  constructor(trace: Trace, depth = 0) {
    this.#trace = trace;
    this.#depth = depth;
  }

  /** Of the steps within a step. */
  get within(): StepTrace {
    return new StepTrace(this.#trace, this.#depth + 1);
  }

  /** `outcome`: what became of the step, if it did not simply do its work. */
  show(title: string, { data }: Draft, outcome?: string): void {
    this.#trace({ title, data, depth: this.#depth, ...(outcome !== undefined && { outcome }) });
  }
}
