import { type Draft, readsMeta } from "weir/fields";
import { compileKql, type KqlOptions } from "weir/kql";
import type { StepContext } from "./step.ts";

/** Whether an event matches a query, which may also read `_meta`. */
export type Condition = (draft: Draft, context: StepContext) => boolean;

export const compileCondition = (query: string, queries?: KqlOptions): Condition => {
  const matches = compileKql(query, queries);
  return readsMeta(query)
    ? (draft, { ingested }) => matches(draft.readable, ingested)
    : (draft, { ingested }) => matches(draft.data, ingested);
};
