import type { Event } from "../../event.ts";
import { type Hash, tuple } from "../hash.ts";
import type { EventTools } from "../rule-type.ts";
import { judged } from "./judged.ts";
import { Learning, type LearningOptions } from "./learning.ts";

type Step = (event: Event, tools: EventTools) => readonly Event[] | string;

export interface LearningStepOptions extends Omit<LearningOptions, "learnFor"> {
  /** Given if the component has a baseline. */
  readonly baseline?: object | undefined;
  readonly learn_for?: number | undefined;
  readonly fields: readonly string[];
  readonly timestamp: string;
  readonly hash: Hash;
}

/** The same step, for `keep`: while the component learns, the events that it would send on are consumed. */
export const learningStep = (
  { baseline, learn_for: learnFor, fields, timestamp, hash, ...options }: LearningStepOptions,
  step: Step,
): Step => {
  if (!baseline && learnFor === undefined) return step;
  const { id, log } = options;
  const learning = new Learning({ id, learnFor, log, state: options.state.scope("learned until") });
  const judge = learning.add({
    name: id,
    version: hash(tuple([timestamp, ...fields])),
    timestamp,
    state: options.state.scope("learning"),
  });
  const learned = judged(step, judge);
  return (event, tools) => {
    learning.observe(event);
    return learned(event, tools);
  };
};
