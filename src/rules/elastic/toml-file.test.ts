import fc from "fast-check";
import { parse, stringify } from "smol-toml";
import { describe, expect, it } from "vitest";
import type { Path } from "../../config/source-file.ts";
import { isObject } from "../../json.ts";
import { TomlFile } from "./toml-file.ts";

const leaves = (value: unknown, path: Path): readonly (readonly [Path, unknown])[] => {
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (isObject(value)) return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  return [[path, value]];
};

// The parser itself misreads a quote in the name of a table.
const key = fc
  .oneof(fc.constantFrom("a", "b-1", "c d", "é", "__proto__", "x.y"), fc.string({ maxLength: 4 }))
  .filter((name) => !name.includes('"'));
const leaf = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", " ", "#", "[", "]", "=", '"', "'", "\\", "é", ",", "}") }),
  fc.integer(),
  fc.boolean(),
);
const { table } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    tie("table"),
    fc.array(tie("table"), { maxLength: 3 }),
  ),
  table: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));

describe("the places in a TOML text", () => {
  it("are those of the values that the parser finds", () => {
    fc.assert(
      fc.property(table, (values) => {
        const text = stringify(values);
        const file = new TomlFile("a.toml", text);
        expect(file.flaws).toEqual([]);
        const lines = text.split("\n");
        for (const [path, value] of leaves(file.values, [])) {
          const { line, column, length } = file.placeOf(path);
          const written = lines[line - 1]!.slice(column - 1, column - 1 + length);
          expect(parse(`x = ${written}`)["x"]).toEqual(value);
        }
      }),
    );
  });

  it("are found in all that TOML has", () => {
    const text = [
      "\ufeff# a comment with = and [",
      "a = 1 # another",
      "  b . 'c' = { d = [1, { e = \"x # y\" }], f.g = 1979-05-27 }",
      "[[h.i]] # first",
      'j = """\\',
      "   one",
      'two""""',
      "[[h.i]]",
      "j = '''",
      "three ''''",
      '[h."k.l"]',
      "m = [",
      "  # nothing",
      "  true,",
      "]",
    ].join("\r\n");
    const file = new TomlFile("a.toml", text);
    expect(file.flaws).toEqual([]);
    const at = (...path: Path) => [file.placeOf(path).line, file.placeOf(path).column];
    expect(at("a")).toEqual([2, 5]);
    expect(at("b", "c", "d", 1, "e")).toEqual([3, 29]);
    expect(at("b", "c", "f", "g")).toEqual([3, 47]);
    expect(at("h", "i", 0, "j")).toEqual([5, 5]);
    expect(at("h", "i", 1, "j")).toEqual([9, 5]);
    expect(at("h", "k.l", "m", 0)).toEqual([14, 3]);
    const inText = (offset: number, ...path: Path) => {
      const { line, column } = file.placeIn(path, offset);
      return [line, column];
    };
    expect(inText(0, "h", "i", 0, "j")).toEqual([6, 4]);
    expect(inText(2, "h", "i", 1, "j")).toEqual([10, 3]);
    // What is not there is where it would be.
    expect(file.placeOf(["h", "i", 1, "none"]).line).toBe(8);
    expect(file.placeOf(["none"])).toMatchObject({ line: 1, column: 1 });
  });

  it("take time in proportion to the text, and no depth ends the process", () => {
    const deep = `${"a.".repeat(200_000)}a = 1`;
    const nested = `a = ${"[".repeat(100_000)}`;
    const many = Array.from({ length: 20_000 }, (_, index) => `[[t]]\nk${index} = [${"1,".repeat(5)}]`).join("\n");
    const long = `a = "${"\\u00e9".repeat(100_000)}"`;
    for (const text of [deep, nested, `${"x.".repeat(90)}x = 1\n`.repeat(5_000)])
      expect(new TomlFile("a.toml", text).flaws).not.toEqual([]);
    expect(new TomlFile("a.toml", many).placeOf(["t", 19_999, "k19999", 4]).line).toBe(40_000);
    expect(new TomlFile("a.toml", long).placeIn(["a"], 99_999).column).toBe(6 + 6 * 99_999);
  });
});
