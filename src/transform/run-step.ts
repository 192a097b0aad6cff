import type { Event } from "../event.ts";
import { type Sent, Tally } from "./tally.ts";
import type { EachTools, KeepTools, StepResult } from "./transform.ts";

/** Runs a synchronous step of `each` or `keep` over events, for tests. Returns its output and counts. */
export const runStep = (
  step: (event: Event, tools: EachTools & KeepTools) => StepResult | Promise<StepResult>,
  events: Iterable<Event>,
  outputs: readonly string[] = [],
): Sent => {
  const tally = new Tally(new Set(outputs));
  const emit = () => {
    throw new Error("emit works only in a pipeline");
  };
  const tools = {
    note: tally.note,
    emit,
    mark: Number.NEGATIVE_INFINITY,
    epoch: 0,
    signal: new AbortController().signal,
  };
  for (const event of events) {
    try {
      tally.add(event, step(event, tools) as StepResult);
    } catch (error) {
      tally.reject(event, error);
    }
  }
  return tally;
};
