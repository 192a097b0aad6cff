import type { DetectOptions } from "./detect-options.ts";
import { overridden } from "./overrides/overrides.ts";
import { typeOfRule } from "./rule-types.ts";

/** Whether a rule of the component compares events with a history. */
export const looksForNew = ({ rules, overrides }: Pick<DetectOptions, "rules" | "overrides">): boolean =>
  overridden([...new Set(rules.flat())], overrides).some((rule) => typeOfRule(rule).learns);
