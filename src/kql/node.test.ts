import { expect, it } from "vitest";
import { kqlConditions, kqlFields } from "./node.ts";
import { parseKql } from "./parse.ts";

it("names each field of a query once, in order", () => {
  const query = 'b:(1 or 2) and not a > 1 and "c d":x or x*:1 and crew:{name:y} and free and b:3';
  expect(kqlFields(parseKql(query))).toEqual(["b", "a", "c d", "x*", "crew.name"]);
});

it("counts each comparison with a value", () => {
  const count = (query: string) => kqlConditions(parseKql(query));
  expect(["", "a:*", "a:(1 or 2) and not b > 1", "c:{d:(x and not y)}"].map(count)).toEqual([1, 1, 3, 2]);
});
