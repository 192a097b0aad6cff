import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileKql, type KqlOptions } from "../index.ts";

const check = (
  rows: readonly (readonly [kql: string, document: Record<string, unknown>, matches: boolean])[],
  options: KqlOptions,
) =>
  it.each(rows)("%s of %j: %j", (kql, document, matches) => {
    expect(compileKql(kql, options)(document)).toBe(matches);
  });

describe("nested objects", () => {
  const crew = {
    crew: [
      { name: "ann", age: 30, keys: [{ door: "a", hand: "left" }] },
      {
        name: "bob",
        age: 40,
        keys: [
          { door: "a", hand: "right" },
          { door: "b", hand: "left" },
        ],
      },
    ],
  };
  const options: KqlOptions = { fields: { crew: "nested", "crew.keys": "nested", "crew.age": "integer" } };
  check(
    [
      ["crew:{ name:ann and age:30 }", crew, true],
      ["crew:{ name:ann and age > 30 }", crew, false],
      ["crew:{ not name:ann }", crew, true],
      ["not crew:{ name:ann }", crew, false],
      ["crew:{ name:* and not nick:* }", crew, true],
      ["crew:{ n*:bob }", crew, true],
      ["crew:{ name:ann and keys:{ door:b } }", crew, false],
      ["crew:{ name:bob and keys:{ door:b and hand:left } }", crew, true],
      ["crew:{ name:bob and keys:{ door:a and hand:left } }", crew, false],
      ["crew.keys:{ door:a and hand:right }", crew, true],
      ["crew:{ name:ann }", { "crew.name": "ann" }, false],
      ["x:{ crew:{ name:ann } }", crew, false],
      ["crew.name:ann", crew, false],
      ["crew:{ keys.door:a }", crew, false],
      ["crew:*", crew, false],
      ["c*:ann", crew, true],
    ],
    options,
  );
  check(
    [
      ["a.b:{ c:1 and d:2 }", { "a.b": [{ c: 1 }, { c: 1, d: 2 }] }, true],
      ["a:{ b.c:1 }", { a: { "b.c": 1 } }, true],
    ],
    {},
  );

  it("match if one object meets all conditions", () => {
    const object = fc.record({ x: fc.nat(2), y: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(fc.oneof(object, fc.array(object))), fc.nat(2), fc.nat(2), (list, x, y) => {
        const both = compileKql(`a:{ x:${x} and y:${y} }`, { fields: { a: "nested" } });
        expect(both({ a: list })).toBe(list.flat().some((one) => one.x === x && one.y === y));
      }),
    );
  });

  it("are reported when a query reads them as fields", () => {
    const found: unknown[] = [];
    compileKql("crew.name:ann", { ...options, onNever: (never) => found.push(never) });
    expect(found).toEqual([
      {
        field: "crew.name",
        offset: 10,
        reason: 'it is a field of the nested objects in "crew"',
        hint: "Write crew:{ name:value }.",
      },
    ]);
  });
});

describe("objects, places and binary values", () => {
  const fields = { f: "flattened", place: "geo_point", b: "binary", "o.k": "keyword", "o.n": "integer" } as const;
  check(
    [
      ["f.a:x", { f: { a: "x" } }, true],
      ["f.a.b:7", { f: { a: { b: 7 } } }, true],
      ["f.a > x", { f: { a: "y" } }, true],
      ["f.a:*", { f: { a: "" } }, true],
      ["f:x", { f: { a: { b: ["y", "x"] } } }, true],
      ["f:x", { "f.a": "x" }, true],
      ["f:x*", { f: { a: "xy" } }, true],
      ["f:x", { f: { x: "y" }, fx: "x", g: { f: "x" } }, false],
      ["f.b:*", { f: { a: "" } }, false],
      ["f:*", { f: { a: "" } }, true],
      ["f:*", { f: { a: [null] } }, false],
      ["place:*", { place: { lat: 1, lon: 2 } }, true],
      ["place:*", { place: "1,2" }, true],
      ["place:*", { place: null }, false],
      ["b:*", { b: "aGk=" }, true],
      ["o:*", { o: { k: "x" } }, true],
      ["o:*", { "o.n": 1 }, true],
      ["o:*", { o: { n: "x", other: 1 } }, false],
      ["__proto__:*", {}, false],
    ],
    { fields },
  );
  check(
    [
      ["o:*", { o: { k: "x" } }, true],
      ["o.p:*", { "o.p.q": 1 }, true],
      ["o.p:*", { o: [{ "p.q": [[{ r: 0 }]] }] }, true],
      ["o:*", { o: {} }, false],
      ["o:*", { o: [{ a: null }] }, false],
      ["o:*", { other: 1 }, false],
      ["__proto__:*", JSON.parse('{"__proto__":{"a":1}}'), true],
    ],
    {},
  );
});

describe("free text", () => {
  const options: KqlOptions = { fields: { m: "text", n: "integer", k: "keyword" }, defaultFields: ["m", "n", "k"] };
  const document = { m: "The quick fox", n: 7, k: "Red Fox" };
  check(
    [
      ["quick", document, true],
      ['"quick fox"', document, true],
      ['"quick red"', document, false],
      ["7", document, true],
      ["Red Fox", document, true],
      ["slow", document, false],
      ["qui*", document, true],
      ["not quick", document, false],
      ["quick and n:7", document, true],
    ],
    options,
  );
});

describe("versions", () => {
  check(
    [
      ["v > 1.9.0", { v: "1.10.0" }, true],
      ["v < 1.0.0", { v: "1.0.0-rc.1" }, true],
      ["v:1.10.0", { v: "1.10" }, false],
      ["v:1.1*", { v: "1.10.0" }, true],
    ],
    { fields: { v: "version" } },
  );
});

describe("half and scaled floats", () => {
  check(
    [
      ["h:0.1", { h: 0.1 }, true],
      ["h:0.1", { h: 0.09998 }, true],
      ["h:2049", { h: 2048 }, true],
      ["h:*", { h: 70000 }, false],
      ["s:0.1234", { s: 0.1231 }, true],
      ["s:0.1234", { s: 0.124 }, false],
      ["s > 0.123", { s: 0.1234 }, false],
      ["s > 0.1225", { s: 0.123 }, true],
    ],
    { fields: { h: "half_float", s: "scaled_float" } },
  );
});
