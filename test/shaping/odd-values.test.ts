import { describe, expect, it } from "vitest";
import { ExactNumber } from "weir/fields";
import { reshape, runOver, type Written } from "./support.ts";

describe("null is no value for a step that ignores what is missing", () => {
  it.each<Written>([
    { csv: { field: "m", target_fields: ["a"] } },
    { dissect: { field: "m", pattern: "%{a}" } },
    { flatten: { field: "m" } },
    { grok: { field: "m", patterns: ["%{WORD:a}"] } },
    { gsub: { field: "m", pattern: "a", replacement: "b" } },
    { json: { field: "m" } },
    { kv: { field: "m", field_split: " ", value_split: "=" } },
    { logfmt: { field: "m" } },
    { regex: { field: "m", pattern: "(?<a>x)" } },
    { split: { field: "m", separator: "," } },
    { url: { field: "m" } },
    { user_agent: { field: "m" } },
  ])("%j", (step) => {
    const [[name, options]] = Object.entries(step) as [[string, object]];
    expect(reshape([step], { m: null })).toContain("null");
    expect(reshape([{ [name]: { ...options, ignore_missing: true } }], { m: null })).toEqual({ m: null });
  });
});

describe("join", () => {
  const join = { join: { field: "m", separator: "-" } };

  it("joins texts, numbers and booleans", () => {
    expect(reshape([join], { m: ["a", 1, true, new ExactNumber("12345678901234567890")] })).toEqual({
      m: "a-1-true-12345678901234567890",
    });
  });

  it.each([
    [{ toString: 1, valueOf: 1 }, "an object"],
    [[1, [2]], "an array"],
    [null, "null"],
  ])("fails for %j", (item, words) => {
    expect(reshape([join], { m: ["a", item] })).toContain(`"m" contains ${words}, which cannot be joined`);
  });
});

it("names a number that JavaScript would change as a number", () => {
  expect(reshape([{ convert: { m: "integer" } }], { m: new ExactNumber("12345678901234567890") })).toContain(
    '"m" is 12345678901234567890, which is not an integer',
  );
});

it("keeps a single tag beside that of a part of a line", () => {
  const line = "2026-01-02T03:04:05Z stdout P text";
  expect(reshape([{ cri: {} }], { message: line, tags: "mine" })).toMatchObject({ tags: ["mine", "cri_partial"] });
});

it("ends events by what weir knows about them", () => {
  const where = '_meta.source: "test"';
  expect(runOver({ type: "remap", steps: [{ drop: { where } }] }, [{ a: 1 }]).dropped).toEqual({ remap: 1 });
  expect(reshape([{ reject: { where, message: "not from there" } }], { a: 1 })).toContain("not from there");
});
