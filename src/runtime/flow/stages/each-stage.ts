import type { Event } from "../../../event.ts";
import { kindOf } from "../../../json.ts";
import { refusePromise } from "../../../transform/promise.ts";
import { OutcomeFault, Tally } from "../../../transform/tally.ts";
import type { BulkStep, EachStep, EachTools, StepResult } from "../../../transform/transform.ts";
import type { Part } from "../gate.ts";
import { Stage, type StageOptions } from "./stage.ts";

/** A stateless transform that answers at once. */
export class EachStage extends Stage {
  readonly #step: EachStep | BulkStep;
  readonly #signal: AbortSignal;

  constructor(options: StageOptions, step: EachStep | BulkStep, signal: AbortSignal) {
    super(options);
    this.#step = step;
    this.#signal = signal;
  }

  protected process({ flight, events }: Part): void {
    const tally = new Tally(this.outputs);
    const tools: EachTools = { note: tally.note, signal: this.#signal };
    if (typeof this.#step === "function") eachOf(this.#step, events, tools, tally);
    else bulkOf(this.#step, events, tools, tally);
    this.hand(flight, events.length, tally);
  }
}

const eachOf = (step: EachStep, events: readonly Event[], tools: EachTools, tally: Tally): void => {
  for (const event of events) {
    let outcome: StepResult;
    try {
      outcome = atOnce(step(event, tools));
    } catch (error) {
      tally.reject(event, error);
      continue;
    }
    tally.add(event, outcome);
  }
};

const bulkOf = (step: BulkStep, events: readonly Event[], tools: EachTools, tally: Tally): void => {
  if (events.length === 0) return;
  let outcomes: readonly StepResult[];
  try {
    outcomes = asMany(atOnce(step.bulk([...events], tools)), events.length);
  } catch (error) {
    for (const event of events) tally.reject(event, error);
    return;
  }
  for (const [index, event] of events.entries()) tally.add(event, outcomes[index]!);
};

/** As many outcomes as there are events, or an error that says so. */
export const asMany = (outcomes: readonly StepResult[], count: number): readonly StepResult[] => {
  if (Array.isArray(outcomes) && outcomes.length === count) return Array.from(outcomes);
  const found = Array.isArray(outcomes) ? `${outcomes.length} outcomes` : `${kindOf(outcomes)} in place of a list`;
  throw new OutcomeFault(`the transform returned ${found} for ${count} events; return one outcome for each, in order`);
};

/** What a step returned that has to answer at once: a promise is an error that says so. */
export const atOnce = <T>(value: T | Promise<T>): T =>
  refusePromise(value, "the transform returned a promise; say `async: true` in its definition");
