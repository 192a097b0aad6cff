import { OptionError } from "../option/option-error.ts";
import type { DetectOptions } from "./detect-options.ts";
import type { Rule } from "./rule.ts";
import { typeOfRule } from "./rule-types.ts";

const wayOut =
  "Give it a component of its own whose state is on disk: one weir that gets all events, or each collector for itself.";

/** Throws an `OptionError` for what several weirs with a shared history cannot do as if they were one. */
export const checkSharing = (
  rules: readonly Rule[],
  { shared, ...learning }: Pick<DetectOptions, "shared" | "baseline" | "learn_for">,
): void => {
  if (!shared) return;
  checkLearning(learning);
  for (const rule of rules) {
    const kept = typeOfRule(rule).sharing?.(rule) ?? "what it keeps in its state";
    const own = kept === true ? ownLimit(rule) : kept;
    if (own !== undefined)
      throw new OptionError(
        `the rule "${rule.name}" cannot run with a state that several weirs share: ${own} would be those of one weir only`,
        ["rules"],
        { hint: wayOut },
      );
  }
};

/** Throws an `OptionError` for options of `learningOptions`, which work with a state on disk only. */
export const checkLearning = (options: Pick<DetectOptions, "baseline" | "learn_for">): void => {
  for (const name of ["baseline", "learn_for"] as const)
    if (options[name] !== undefined)
      throw new OptionError(
        `"${name}" does not work with a state that several weirs share: each of them would learn for itself`,
        [name],
        { hint: `Remove it. To begin quietly, send alerts to a sink of type blackhole until the history is filled.` },
      );
};

const ownLimit = ({ suppression, max_alerts: cap }: Rule): string | undefined => {
  if (suppression) return "the alerts that its suppression has seen";
  return cap && "the alerts that its max_alerts has counted";
};
