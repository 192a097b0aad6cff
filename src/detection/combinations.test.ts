import { expect, it } from "vitest";
import { combine } from "./combinations.ts";

it("gives every combination, and varies the last field fastest", () => {
  expect(combine([["a", "b"], ["x"], ["1", "2"]])).toEqual({
    combinations: [
      ["a", "x", "1"],
      ["a", "x", "2"],
      ["b", "x", "1"],
      ["b", "x", "2"],
    ],
    total: 4,
  });
});

it("gives none when a field has no value", () => {
  expect(combine([["a"], []])).toEqual({ combinations: [], total: 0 });
});

it("stops at one hundred, and counts the rest without making them", () => {
  const many = Array.from({ length: 100_000 }, (_, index) => String(index));
  const { combinations, total } = combine([["a", "b"], many, many]);
  expect(combinations).toHaveLength(100);
  expect(combinations[99]).toEqual(["a", "0", "99"]);
  expect(total).toBe(2e10);
});
