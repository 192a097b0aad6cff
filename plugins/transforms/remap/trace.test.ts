import { expect, it } from "vitest";
import { Draft } from "weir/fields";
import type { TracedStep } from "weir/transform";
import { compileSteps, type StepConfig } from "./chain.ts";
import { StepTrace } from "./trace.ts";

const traced = (list: readonly StepConfig[], data: Readonly<Record<string, unknown>>) => {
  const steps: TracedStep[] = [];
  const trace = new StepTrace((step) => steps.push(structuredClone(step)));
  compileSteps(list)(new Draft(data), { ingested: 0, trace });
  return steps.map(
    ({ title, outcome, depth }) => `${"> ".repeat(depth ?? 0)}${title}${outcome ? ` | ${outcome}` : ""}`,
  );
};

it("shows each step once, failures with what is done about them, and nothing that is secret", () => {
  const steps: readonly StepConfig[] = [
    { set: { a: "1" }, where: "b:2" },
    { convert: { a: "integer", c: "integer" }, on_failure: [{ set: { d: "x" } }] },
    { hash: { fields: ["a"], target: "e", method: "sha256", key: "hunter2", ignore_missing: false } },
    { rename: { nope: "f" }, on_failure: "ignore" },
    { drop: {} },
    { remove: ["a"] },
  ];
  expect(traced(steps, { a: "1" })).toEqual([
    "1. set a: 1 | where: not met",
    '2. convert a: integer, c: integer | failed: the event has no field "c" → on_failure: its steps',
    "> 1. set d: x",
    "2. convert a: integer, c: integer | the rest of it",
    "3. hash a",
    '4. rename nope: f | failed: the event has no field "nope" → on_failure: ignore',
    "5. drop | dropped: remap",
  ]);
});
