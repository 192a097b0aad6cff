import fc from "fast-check";
import { expect, it } from "vitest";
import { formatEql } from "./format.ts";
import { parseEql } from "./parse.ts";
import { query } from "./testing/arbitrary.ts";

it("parsing what was printed gives the same query", () => {
  fc.assert(
    fc.property(query, (tree) => {
      expect(parseEql(formatEql(tree))).toEqual(tree);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 20_000 : 2_000 },
  );
});

it.each([
  'process where process.name == "sh"',
  'any where not a : ("x*", "y") and (b or c) and -d + 2 * (e - 1) > 0.5',
  "any where (a and b) and c or not not d",
  "any where a - (b - c) == 1 and (a == 1) == true",
  'any where ?a.b == null and `my-field`.c in~ (1, "x")'.replace("`my-field`.c", "`my-field.c`"),
  'any where endsWith~(a, "x") == false and -(1) == -1 and --1 == 1',
  "sequence by a, ?b with maxspan=90s\n  [process where true] by c with runs=3\n  ![any where x] by d\nuntil [any where y] by e\n| head 3\n| tail 1",
  "sample by a\n  [process where true]\n  [any where b]",
])("%s is printed as it is", (text) => {
  expect(formatEql(parseEql(text))).toBe(text);
});

it("a time is printed in its largest unit", () => {
  const spans = ["1500ms", "60s", "60m", "24h", "48h", "90m"];
  const printed = spans.map(
    (span) =>
      /maxspan=(\w+)/.exec(formatEql(parseEql(`sequence with maxspan=${span} [any where a] [any where b]`)))![1],
  );
  expect(printed).toEqual(["1500ms", "1m", "1h", "1d", "2d", "90m"]);
});
