import { describe, expect, it } from "vitest";
import { fieldValues } from "./values.ts";

describe("a field's distinct values", () => {
  it("are in order of appearance, each once", () => {
    expect(fieldValues("team.member")({ team: [{ member: ["zoe", "ann"] }, { member: "zoe" }] })).toEqual([
      "zoe",
      "ann",
    ]);
  });

  it("are texts, whatever JSON had", () => {
    expect(fieldValues("v")({ v: [true, 7, "7", 1.5, null, ""] })).toEqual(["true", "7", "1.5", ""]);
  });

  it("leave out what a keyword field would not index: more than 1,024 UTF-16 units", () => {
    const [fits, long] = ["é".repeat(1024), "😀".repeat(513)];
    expect(fieldValues("v", "keyword")({ v: [fits, long] })).toEqual([fits]);
    expect(fieldValues("v", { type: "by_value", ignoreAbove: 513 })({ v: [fits, "x", 7] })).toEqual(["x", "7"]);
    expect(fieldValues("v", "wildcard")({ v: [fits, long] })).toEqual([fits, long]);
    expect(fieldValues("v")({ v: [fits, long] })).toEqual([fits, long]);
  });

  it("are canonical addresses for an ip, and only addresses", () => {
    const addresses = ["::FFFF:192.0.2.1", "192.0.2.1", "2001:DB8:0:0::5", "192.0.2.01", "nobody", 7];
    expect(fieldValues("peer", "ip")({ peer: addresses })).toEqual(["192.0.2.1", "2001:db8::5"]);
  });

  it("are numbers for a number: integers without fraction, floats of their precision", () => {
    expect(fieldValues("n", "long")({ n: [1.9, "1", "-0", "x", true] })).toEqual(["1", "0"]);
    expect(fieldValues("n", "double")({ n: ["1.50", 1.5, "2e1"] })).toEqual(["1.5", "20"]);
    expect(fieldValues("n", "float")({ n: [16777217, 16777216] })).toEqual(["16777216"]);
  });

  it("are true and false for a boolean", () => {
    expect(fieldValues("b", "boolean")({ b: ["true", true, "", "yes", 0] })).toEqual(["true", "false"]);
  });

  it("are none for a field that is not there", () => {
    expect(fieldValues("v.w")({ v: "x" })).toEqual([]);
  });
});

it("a long text that is nearly a number is read at once", () => {
  const nearly = `${"1".repeat(1_000_000)}x`;
  // A backtracking pattern would need an hour.
  expect(fieldValues("v", "long")({ v: nearly })).toEqual([]);
  expect(fieldValues("v", "double")({ v: "1.50e1" })).toEqual(["15"]);
});
