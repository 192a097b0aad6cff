import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePath, type Scalar, someLeaf } from "./path.ts";

const values = (path: string, data: Record<string, unknown>) => compilePath(path).values(data);

describe("a field path", () => {
  it.each<[string, Record<string, unknown>, Scalar[]]>([
    ["door.colour", { door: { colour: "red" } }, ["red"]],
    ["door.colour", { "door.colour": "red" }, ["red"]],
    ["a.b.c.d", { a: { "b.c": { d: 1 } } }, [1]],
    ["a.b.c.d", { "a.b": { "c.d": 1 }, a: { b: { c: { d: 2 } } } }, [2, 1]],
    ["a.b/c.d-e", { a: { "b/c.d-e": "x" } }, ["x"]],
    [
      "crew.name",
      { crew: [{ name: "ann" }, { name: ["bo", "cy"] }, "dee", { "name.first": "eve" }] },
      ["ann", "bo", "cy"],
    ],
    ["tag", { tag: [["x", ["y"]], "z"] }, ["x", "y", "z"]],
    ["tag", { tag: [] }, []],
    ["tag", { tag: null }, []],
    ["tag", { tag: [null, ""] }, [""]],
    ["tag", { tag: false }, [false]],
    ["tag", { tag: 0 }, [0]],
    ["tag", { tag: { inner: "x" } }, []],
    ["tag.inner", { tag: "x" }, []],
    ["tag", {}, []],
    ["constructor", {}, []],
    ["constructor.name", {}, []],
    ["__proto__.x", JSON.parse('{"__proto__": {"x": 1}}'), [1]],
    ["constructor.name", { constructor: { name: "own" } }, ["own"]],
  ])("%s of %j has the values %j", (path, data, wanted) => {
    expect(values(path, data)).toEqual(wanted);
  });

  it("stops at the first value that passes", () => {
    const seen: Scalar[] = [];
    const found = compilePath("n").some({ n: [1, 2, 3] }, (value) => seen.push(value) === 2);
    expect(found).toBe(true);
    expect(seen).toEqual([1, 2]);
  });

  it("finds what flattening the whole document finds", () => {
    const key = fc.constantFrom("a", "b", "a.b", "b.a", "a.b.a");
    const { data } = fc.letrec<{ data: Record<string, unknown>; value: unknown }>((tie) => ({
      data: fc.dictionary(key, tie("value"), { maxKeys: 3 }),
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom("x", 1, true, null, ""),
        tie("data"),
        fc.array(tie("value"), { maxLength: 3 }),
      ),
    }));
    const path = fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 5 }).map((keys) => keys.join("."));
    fc.assert(
      fc.property(data, path, (document, field) => {
        const wanted: Scalar[] = [];
        someLeaf(document, (at, value) => {
          if (at === field) wanted.push(value);
          return false;
        });
        expect([...values(field, document)].sort()).toEqual(wanted.sort());
      }),
      { numRuns: 2000 },
    );
  });

  it("with many segments finds what flattening the whole document finds", () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 });
    const segments = fc.array(fc.constantFrom("a", "b", ""), { minLength: 9, maxLength: 20 });
    fc.assert(
      fc.property(segments, fc.array(pieces, { minLength: 1, maxLength: 4 }), (names, cuts) => {
        const document = cuts.reduce((data, cut) => grown(data, names, cut), {});
        const path = names.join(".");
        const wanted: Scalar[] = [];
        someLeaf(document, (at, value) => {
          if (at === path) wanted.push(value);
          return false;
        });
        expect([...values(path, document)].sort()).toEqual(wanted.sort());
      }),
      { numRuns: 2000 },
    );
  });

  it("of thousands of segments is compiled and read at once", () => {
    const path = "a.".repeat(20_000);
    const deep = Array.from({ length: 500 }).reduce<Record<string, unknown>>((inner) => ({ a: inner }), {});
    expect(compilePath(path).values(deep)).toEqual([]);
  });
});

/** The document with a value more, at keys that consist of so many segments each; the rest of the names is the last key. */
const grown = (
  data: Record<string, unknown>,
  names: readonly string[],
  cuts: readonly number[],
): Record<string, unknown> => {
  const [cut = names.length, ...others] = cuts;
  const key = names.slice(0, others.length === 0 ? names.length : cut).join(".");
  const rest = others.length === 0 ? [] : names.slice(cut);
  if (rest.length === 0) return { [key]: ["value", 1], ...data };
  const before = data[key];
  const inner = before !== null && typeof before === "object" && !Array.isArray(before) ? before : {};
  return { ...data, [key]: grown(inner as Record<string, unknown>, rest, others) };
};
