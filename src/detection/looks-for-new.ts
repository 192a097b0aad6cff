import type { DetectOptions } from "./detect.ts";
import { overridden } from "./overrides/overrides.ts";
import { typeOfRule } from "./rule-types.ts";

/** Whether a rule of the component raises an alert for what it has not seen before. */
export const looksForNew = ({ rules, overrides }: Pick<DetectOptions, "rules" | "overrides">): boolean =>
  overridden([...new Set(rules.flat())], overrides).some((rule) => typeOfRule(rule).looksForNew);
