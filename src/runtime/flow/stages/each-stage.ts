import type { Event } from "../../../event.ts";
import { kindOf } from "../../../json.ts";
import { refusePromise } from "../../../transform/promise.ts";
import { OutcomeFault, Tally } from "../../../transform/tally.ts";
import type { BulkStep, EachStep, EachTools, StepResult } from "../../../transform/transform.ts";
import type { Part } from "../gate.ts";
import { checkJson } from "./check-json.ts";
import { Stage, type StageOptions } from "./stage.ts";

/** Runs a stateless transform whose step is synchronous. */
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
    if (typeof this.#step === "function") eachOf(this.#step, events, tools, tally, this.options.isTrusted);
    else bulkOf(this.#step, events, tools, tally);
    this.sendOn(flight, events.length, tally);
  }
}

const eachOf = (step: EachStep, events: readonly Event[], tools: EachTools, tally: Tally, isTrusted: boolean): void => {
  for (const event of events) {
    let outcome: StepResult;
    try {
      outcome = synchronous(step(event, tools));
      if (!isTrusted) checkJson(outcome);
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
    outcomes = checkCount(synchronous(step.bulk([...events], tools)), events.length);
  } catch (error) {
    for (const event of events) tally.reject(event, error);
    return;
  }
  for (const [index, event] of events.entries()) tally.add(event, outcomes[index]!);
};

/** Returns the results of a bulk step. Throws if they are not a list with one result for each event. */
export const checkCount = (outcomes: readonly StepResult[], count: number): readonly StepResult[] => {
  if (Array.isArray(outcomes) && outcomes.length === count) return Array.from(outcomes);
  const found = Array.isArray(outcomes) ? `${outcomes.length} results` : `${kindOf(outcomes)} instead of a list`;
  throw new OutcomeFault(
    `the transform returned ${found} for ${count} events; return one result for each event, in order`,
  );
};

/** Returns the result of a synchronous step. Throws if it is a promise. */
export const synchronous = <T>(value: T | Promise<T>): T =>
  refusePromise(value, "the transform returned a promise; add `async: true` to its definition");
