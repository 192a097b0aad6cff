import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { compileCel } from "../../src/cel/index.ts";
import type { Data } from "../../src/json.ts";
import { type ConformanceTest, conformanceTests } from "./conformance-data.ts";
import { knownDifferences } from "./known-differences.ts";

const passes = ({ expression, variables, wanted }: ConformanceTest): boolean => {
  let value: unknown;
  try {
    value = compileCel(expression)(variables as Data);
  } catch {
    return wanted === undefined;
  }
  return wanted !== undefined && isDeepStrictEqual(value, wanted);
};

const tests = conformanceTests();
const compared = tests.filter(({ isOutside }) => !isOutside);
const failing = compared.filter((test) => !passes(test)).map(({ name }) => name);

it("agrees with the conformance tests of CEL but for the known differences", () => {
  const isKnown = (name: string) => knownDifferences.some(({ tests }) => name.startsWith(tests));
  expect(failing.filter((name) => !isKnown(name))).toEqual([]);
});

it.each(knownDifferences)(
  "knows how many of $tests do not pass: fewer of them are to be told, too",
  ({ tests, count }) => {
    expect(failing.filter((name) => name.startsWith(tests))).toHaveLength(count);
  },
);

it("knows each difference once", () => {
  const groups = failing.map((name) => knownDifferences.filter(({ tests }) => name.startsWith(tests)).length);
  expect(groups.filter((count) => count > 1)).toEqual([]);
});

it("passes as many as decision 0024 says", () => {
  expect([tests.length, compared.length, compared.length - failing.length]).toEqual([2344, 2004, 1202]);
});
