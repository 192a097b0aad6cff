import { option } from "weir";
import type { KqlOptions } from "weir/kql";
import { compileCondition } from "../condition.ts";
import { type Action, defineStep, type StepEnd } from "../step.ts";

const where = option.optional(option.kql("Only events that match."));

const endIf = (query: string | undefined, end: StepEnd, queries: KqlOptions | undefined): Action => {
  if (query === undefined) return () => end;
  const isMet = compileCondition(query, queries);
  return (draft, context) => (isMet(draft, context) ? end : undefined);
};

export const drop = defineStep({
  option: option.group({ where })("Discards the event, which is counted."),
  compile: ({ where }, queries) => endIf(where, { dropped: "remap" }, queries),
});

export const reject = defineStep({
  option: option.group({
    where,
    reason: option.text("The reason in the dead letter, in snake_case.", { default: "rejected" }),
    message: option.text("A sentence for people.", { default: "a step of the pipeline rejects the event" }),
  })("Sends the event to the dead letter."),
  compile: ({ where, reason, message }, queries) => endIf(where, { rejected: { reason, message } }, queries),
});
