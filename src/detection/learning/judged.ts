import type { Event } from "../../event.ts";
import type { EventTools } from "../rule-type.ts";
import type { Judge } from "./learning.ts";

/** The same step, without what is still learned. */
export const judged = <Tools extends EventTools>(
  step: (event: Event, tools: Tools) => readonly Event[] | string,
  judge: Judge | undefined,
): ((event: Event, tools: Tools) => readonly Event[] | string) => {
  if (!judge) return step;
  return (event, tools) => {
    const found = step(event, tools);
    if (typeof found === "string" || found.length === 0) return found;
    return judge.event(event, found.length, tools.note) ?? found;
  };
};
