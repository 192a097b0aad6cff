import { describe, it } from "./runner.ts";
import type { TransformCase } from "./transform-case.ts";
import { transformChecks } from "./transform-checks.ts";

/** Defines the checks of a transform as tests, as `testSource` does. For other test runners, use `transformChecks`. */
export const testTransform = (plugin: Parameters<typeof transformChecks>[0], cases: readonly TransformCase[]): void => {
  describe(`transform ${plugin.name}`, () => {
    for (const { name, run } of transformChecks(plugin, cases)) it(name, run);
  });
};
