import { type Draft, type Edit, WriteError } from "weir/fields";
import type { KqlOptions } from "weir/kql";
import { atOption } from "weir/transform";
import { type Condition, compileCondition } from "./condition.ts";
import type { Action, StepContext, StepEnd } from "./step.ts";
import { outcomeOf, titleOf } from "./step-words.ts";
import { type StepName, steps } from "./steps.ts";

/** A step as it is written: its value under its name, and what every step may have beside it. */
export type StepConfig = { readonly [K in StepName]?: unknown } & {
  readonly where?: string | undefined;
  readonly on_failure?: "reject" | "ignore" | readonly StepConfig[];
};

interface Compiled {
  readonly name: StepName;
  /** Its place in the list, from 1. */
  readonly number: number;
  readonly where: Condition | undefined;
  readonly actions: readonly Action[];
  readonly onFailure: "reject" | "ignore" | Action;
  /** For `weir explain`: the step in short, and what it does about a failure. */
  readonly title: string;
  readonly remedy: string;
}

/** Runs steps one after the other, until one ends the event. */
export const compileSteps = (list: readonly StepConfig[], queries: KqlOptions = {}): Action => {
  const compiled = list.map((config, index) => compileStep(config, index, queries));
  return (draft, context) => {
    for (const step of compiled) {
      const end = runStep(step, draft, context);
      if (end) return end;
    }
    return undefined;
  };
};

/** The steps as edits, if they do the same to every event for which no step fails. */
export const editsOf = (list: readonly StepConfig[]): readonly Edit[] | undefined => {
  const edits: Edit[] = [];
  for (const config of list) {
    const name = nameOf(config);
    const found = config.where === undefined ? steps[name].edits?.(config[name] as never) : undefined;
    if (!found) return undefined;
    edits.push(...found);
  }
  return edits;
};

const nameOf = (config: StepConfig): StepName =>
  (Object.keys(steps) as StepName[]).find((known) => config[known] !== undefined)!;

const runStep = (step: Compiled, draft: Draft, context: StepContext): StepEnd | undefined => {
  const { trace } = context;
  if (step.where && !step.where(draft, context)) {
    trace?.show(step.title, draft, "where: not met");
    return undefined;
  }
  let hasFailed = false;
  for (const action of step.actions) {
    // An event that goes to the dead letter does so as it came.
    const before = step.onFailure === "reject" ? undefined : draft.snapshot();
    const end = attempt(action, draft, context);
    if (end === undefined) continue;
    if (before !== undefined && "failed" in end) draft.restore(before);
    hasFailed = true;
    trace?.show(step.title, draft, outcomeOf(end, step.remedy));
    const outcome = "failed" in end ? afterFailure(step, end.failed, draft, context) : end;
    if (outcome) return outcome;
  }
  if (!hasFailed) trace?.show(step.title, draft);
  else if (step.actions.length > 1) trace?.show(step.title, draft, "the rest of it");
  return undefined;
};

const compileStep = (config: StepConfig, index: number, queries: KqlOptions): Compiled => {
  const { where, on_failure = "reject" } = config;
  const name = nameOf(config);
  const actions = atOption([index, name], () => steps[name].compile(config[name] as never, queries));
  return {
    name,
    number: index + 1,
    where: where === undefined ? undefined : compileCondition(where, queries),
    actions: typeof actions === "function" ? [actions] : actions,
    onFailure:
      typeof on_failure === "string"
        ? on_failure
        : atOption([index, "on_failure"], () => compileSteps(on_failure, queries)),
    title: titleOf(index + 1, name, config[name], steps[name].option["kind"] === "map"),
    remedy: typeof on_failure === "string" ? on_failure : "its steps",
  };
};

const attempt = (action: Action, draft: Draft, context: StepContext): StepEnd | undefined => {
  try {
    return action(draft, context);
  } catch (error) {
    if (error instanceof WriteError) return { failed: error.message };
    throw error;
  }
};

const afterFailure = (
  { name, number, onFailure }: Compiled,
  message: string,
  draft: Draft,
  context: StepContext,
): StepEnd | undefined => {
  if (onFailure === "ignore") return undefined;
  if (onFailure === "reject")
    return { rejected: { reason: `${name}_failed`, message: `step ${number} (${name}): ${message}` } };
  return onFailure(draft, { ...context, failure: { step: name, message }, trace: context.trace?.within });
};
