import type { Context } from "../context.ts";
import type { Event } from "../event.ts";
import type { Transforming } from "../topology/topology.ts";
import type { Built } from "./build.ts";
import type { Passing } from "./passing.ts";
import type { EachStep, EachTools, Outputs, StepResult, Transform } from "./transform.ts";

/** What a built transform says of events in advance, and what it does to one, if it has no state. */
export interface Foretold {
  readonly passing: Passing;
  /** The event that it makes of an event; `undefined` if it makes none, or several. */
  turn(event: Event): Event | undefined;
}

/** What a transform says in advance. If it says nothing, every event must be there. */
export const foretold = (
  // biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
  plugin: Transform<any>,
  context: Context<never>,
  { calling, dropOutputs }: Transforming,
  built: Built,
): Foretold => {
  const own = (): Passing => {
    if (calling) return "it waits for answers";
    if (dropOutputs.length > 0) return 'it has "drop_outputs"';
    if (plugin.each) return plugin.passing?.(context) ?? silent;
    if (built.shape === "keep") return (typeof built.step === "object" ? built.step.passing : undefined) ?? silent;
    return silent;
  };
  const { step } = built.shape === "each" ? built : { step: undefined };
  return { passing: own(), turn: typeof step === "function" ? turnOf(step) : () => undefined };
};

const silent = "it reads every event";

const turnOf = (step: EachStep) => {
  const tools: EachTools = { note: () => undefined, signal: new AbortController().signal };
  return (event: Event): Event | undefined => {
    try {
      return onlyEvent(step(event, tools) as StepResult);
    } catch {
      return undefined;
    }
  };
};

const onlyEvent = (result: StepResult): Event | undefined => {
  if (typeof result === "string") return undefined;
  if ("meta" in result) return result;
  const { events, to, rejected, consumed, dropped }: Outputs = isList(result) ? { events: result } : result;
  const isAll = to === undefined && !rejected?.length && consumed === undefined && dropped === undefined;
  return isAll && events?.length === 1 ? events[0] : undefined;
};

const isList = (result: readonly Event[] | Outputs): result is readonly Event[] => Array.isArray(result);
