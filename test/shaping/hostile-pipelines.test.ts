import { expect, it } from "vitest";
import { loadTransform, type Written } from "./support.ts";

const remap = (...steps: readonly Written[]): Written => ({ type: "remap", steps });
const grok = (pattern: string, own: Written = {}): Written =>
  remap({ grok: { field: "m", patterns: [pattern], pattern_definitions: own } });
const regex = (pattern: string): Written => remap({ regex: { field: "m", pattern } });
const cel = (expression: string): Written => remap({ set: { a: { cel: expression } } });

/** Own patterns, each of which has the next one so many times. */
const chain = (length: number, times: number): Written =>
  Object.fromEntries(
    Array.from({ length }, (_, index) => [`P${index}`, index + 1 < length ? `%{P${index + 1}}`.repeat(times) : "x"]),
  );

it.each<[name: string, written: Written, problem: string]>([
  ["ten thousand steps", remap(...Array(10_000).fill({ set: { a: 1 } })), "at most 1000"],
  ["patterns that grow exponentially", grok("%{P0}", chain(25, 10)), "an expression of more than 65536 characters"],
  ["patterns in patterns", grok("%{P0}", chain(8000, 1)), "contain each other more than 50 deep"],
  ["a pattern that contains itself", grok("%{A}", { A: "x%{A}" }), 'the pattern "A" contains itself'],
  ["repeats of repeats", regex("((a{1000}){1000}){1000}(?<x>b)"), "more than 20000 states"],
  ["a large repeat", regex("a{1,1000000000}(?<x>b)"), "has a number above 1000"],
  ["nested groups", regex(`${"(".repeat(50_000)}a${")".repeat(50_000)}`), "nested more than 200 deep"],
  ["a long pattern", regex("[\\w\\d]".repeat(30_000)), "more than 20000 states"],
  ["CEL in parentheses", cel(`${"(".repeat(5000)}1${")".repeat(5000)}`), "maxDepth (100)"],
  ["a long sum in CEL", cel(Array(1000).fill("a").join("+")), "nested more than 500 deep"],
  ["a longer sum in CEL", cel(Array(4900).fill("a").join("+")), "nested too deep"],
  ["much negation in CEL", cel(`${"!".repeat(9000)}a`), "nested too deep"],
  ["long paths in CEL", cel(`a${".b".repeat(9000)}`), "maxDepth (100)"],
  ["too many nodes in CEL", cel(Array(20_000).fill("1").join(" || ")), "maxAstNodes"],
  ["many keys to dissect", remap({ dissect: { field: "m", pattern: "%{a} %{+a} ".repeat(1000) } }), "at most 1000"],
  ["a long path", remap({ set: { [`${"a.".repeat(100)}b`]: 1 } }), "at most 64 are supported"],
  ["a group that is not there", remap({ gsub: { field: "m", pattern: "a", replacement: "$9" } }), "no such group"],
  ["many windows", { type: "aggregate", values: { n: "count" }, window: "1h", slide: "1s" }, "use a longer slide"],
])("refuses %s", (_, written, problem) => {
  expect(loadTransform(written).problems).toContain(problem);
});
