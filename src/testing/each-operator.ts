import { mergeMap, type OperatorFunction } from "rxjs";
import { type Batch, defaultOutput, type Ended, type Rejection } from "../batch.ts";
import type { Event } from "../event.ts";
import { checkCount, synchronous } from "../runtime/flow/stages/each-stage.ts";
import { Tally } from "../transform/tally.ts";
import type { BulkStep, EachStep, StepResult } from "../transform/transform.ts";

export interface EachOperatorOptions {
  readonly step: EachStep | BulkStep;
  /** Names of outputs, without the default one. */
  readonly outputs: readonly string[];
  /** The step may return promises. */
  readonly isAsync: boolean;
  readonly signal: AbortSignal;
}

/** Turns a step of `each` into an operator on batches that accounts for each event. */
export const eachOperator = (options: EachOperatorOptions): OperatorFunction<Batch, Batch> => {
  const outputs = new Set(options.outputs);
  return mergeMap(async (batch) => {
    const to: Record<string, Event[]> = { [defaultOutput]: [] };
    const consumed: Ended[] = [];
    const dropped: Ended[] = [];
    const rejected: Rejection[] = [];
    const outcomes = await outcomesOf(options, batch.events);
    for (const [index, event] of batch.events.entries()) {
      const tally = new Tally(outputs);
      const outcome = outcomes[index]!;
      if (outcome.status === "rejected") tally.reject(event, outcome.reason);
      else tally.add(event, outcome.value);
      for (const [name, list] of [[defaultOutput, tally.events] as const, ...(tally.to ?? [])])
        to[name] = [...(to[name] ?? []), ...list];
      rejected.push(...tally.rejected);
      for (const reason of Object.keys(tally.consumed ?? {})) consumed.push({ event, reason });
      for (const reason of Object.keys(tally.dropped ?? {})) dropped.push({ event, reason });
    }
    return batch.with(to, { consumed, dropped, rejected });
  });
};

type Settled = readonly PromiseSettledResult<StepResult>[];

const outcomesOf = ({ step, isAsync, signal }: EachOperatorOptions, events: readonly Event[]): Promise<Settled> => {
  const tools = { note: () => undefined, signal };
  const answer = <T>(value: T | Promise<T>) => (isAsync ? value : synchronous(value));
  if (typeof step === "function") return Promise.allSettled(events.map(async (event) => answer(step(event, tools))));
  const all = (async () => checkCount(await answer(step.bulk(events, tools)), events.length))();
  return Promise.allSettled(events.map(async (_event, index) => (await all)[index]!));
};
