import { type Draft, readsMeta } from "weir/fields";
import { compileKql, type KqlOptions, kqlHeads } from "weir/kql";
import type { StepContext } from "./step.ts";

/** Whether an event matches a query, which may also read `_meta`. */
export type Condition = (draft: Draft, context: StepContext) => boolean;

export const compileCondition = (query: string, queries?: KqlOptions): Condition => {
  const matches = compileKql(query, queries);
  if (readsMeta(query)) return (draft, { ingested }) => matches(draft.readable, ingested);
  const heads = kqlHeads(query, queries);
  return heads
    ? (draft, { ingested }) => matches(draft.part(heads), ingested)
    : (draft, { ingested }) => matches(draft.data, ingested);
};

/** Whether the condition may read any member of an event. */
export const conditionReadsAll = (query: string, queries: KqlOptions): boolean =>
  readsMeta(query) || kqlHeads(query, queries) === undefined;
