import { option } from "weir";
import { compileKql } from "weir/kql";
import { type Action, defineStep, type StepEnd } from "../step.ts";

const where = option.optional(option.kql("Only events that match."));

const endIf = (query: string | undefined, end: StepEnd): Action => {
  if (query === undefined) return () => end;
  const matches = compileKql(query);
  return (draft, { ingested }) => (matches(draft.data, ingested) ? end : undefined);
};

export const drop = defineStep({
  option: option.group({ where })("Discards the event, which is counted."),
  compile: ({ where }) => endIf(where, { dropped: "remap" }),
});

export const reject = defineStep({
  option: option.group({
    where,
    reason: option.text("The reason in the dead letter, in snake_case.", { default: "rejected" }),
    message: option.text("A sentence for people.", { default: "a step of the pipeline rejects the event" }),
  })("Sends the event to the dead letter."),
  compile: ({ where, reason, message }) => endIf(where, { rejected: { reason, message } }),
});
