import { describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import { filterQuery, NoCounterpart } from "./elastic-filter.ts";
import { compileFilter } from "./filter-query.ts";

const holds = (filters: readonly unknown[], data: Data): boolean => compileFilter(filterQuery(filters)!)(data, 0);

const insensitive = (value: string) => ({ value, case_insensitive: true });

describe("filterQuery", () => {
  it.each<[unknown, Data, boolean]>([
    [{ query: { match_phrase: { "user.name": "ann" } } }, { user: { name: "ann" } }, true],
    [{ query: { match_phrase: { "user.name": { query: "ann" } } } }, { user: { name: "bob" } }, false],
    [{ meta: { negate: true }, query: { match_phrase: { "user.name": "ann" } } }, { user: { name: "bob" } }, true],
    [{ query: { term: { "user.name": { value: "ann" } } } }, { user: { name: "ann" } }, true],
    [{ query: { terms: { n: [1, 2] } } }, { n: 2 }, true],
    [{ query: { exists: { field: "user.name" } } }, { user: {} }, false],
    [{ meta: { negate: true }, exists: { field: "user.name" } }, {}, true],
    [{ query: { range: { n: { gte: 1, lt: 3 } } } }, { n: 3 }, false],
    [{ range: { n: { gte: 1, lt: 3 } } }, { n: 1 }, true],
    [
      {
        meta: { type: "phrases", negate: true },
        query: {
          bool: { minimum_should_match: 1, should: [{ match_phrase: { a: "x" } }, { match_phrase: { a: "y" } }] },
        },
      },
      { a: "z" },
      true,
    ],
    [
      { query: { bool: { filter: [{ exists: { field: "a" } }], must_not: { match_phrase: { a: "x" } } } } },
      { a: "x" },
      false,
    ],
    [{ query: { match_phrase: { a: "x*" } } }, { a: "xy" }, false],
    [{ query: { match: { message: "a b" } } }, { message: "b" }, true],
    [{ query: { match: { message: { query: "a b", type: "phrase" } } } }, { message: "b" }, false],
    [{ query: { wildcard: { a: insensitive("?:\\\\Door?\\\\*.psd1") } } }, { a: "c:\\DOORS\\x.PSD1" }, true],
    [{ query: { wildcard: { a: { wildcard: "?:\\\\Door?\\\\*" } } } }, { a: "c:\\DOORS\\x" }, false],
    [{ query: { wildcard: { a: "x*" } } }, { a: ["y", "xy"] }, true],
    [{ meta: { negate: true }, query: { prefix: { a: { value: "x?" } } } }, { a: "xy" }, true],
    [{ query: { prefix: { a: insensitive("X") } } }, { a: "xy" }, true],
    [{ query: { term: { a: insensitive("É*") } } }, { a: "é*" }, true],
    [{ query: { term: { a: insensitive("É*") } } }, { a: "éx" }, false],
    [{ query: { match_phrase: { __proto__x: true } } }, { __proto__x: true }, true],
  ])("%j of %j is %s", (filter, data, expected) => {
    expect(holds([filter], data)).toBe(expected);
  });

  it("joins filters, without those that are disabled", () => {
    const a = { query: { exists: { field: "a" } } };
    const b = { query: { exists: { field: "b" } } };
    expect(holds([a, b], { a: 1 })).toBe(false);
    expect(holds([a, { ...b, meta: { disabled: true } }], { a: 1 })).toBe(true);
    expect(filterQuery([{ ...b, meta: { disabled: true } }])).toBeUndefined();
    expect(filterQuery([])).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [{ query: { query_string: { query: "a" } } }, 'a filter has a query of the kind "query_string"'],
    [{ query: { constructor: {} } }, 'a filter has a query of the kind "constructor"'],
    [{ meta: { type: "combined" } }, 'a filter has a query of the kind ""'],
    [{ query: { match_phrase: { a: 1, b: 2 } } }, "a filter is about several fields"],
    [{ query: { match_phrase: { a: null } } }, "a filter compares with something else than a text"],
    [{ query: { range: { a: { within: 1 } } } }, "a filter has a range of another form"],
    [{ query: { wildcard: { a: 1 } } }, "a filter has a pattern that is not a text"],
    [{ query: { match: { a: { query: "x", fuzziness: 1 } } } }, 'a filter has "fuzziness"'],
    [{ query: { bool: {} } }, "a filter is empty"],
    [{ query: { match_phrase: { "source.ip": "nobody" } } }, '"nobody" does not fit the field "source.ip"'],
    ["x", "a filter is not a table"],
  ])("has no counterpart of %j", (filter, message) => {
    expect(() => filterQuery([filter])).toThrow(NoCounterpart);
    expect(() => filterQuery([filter])).toThrow(message);
  });
});
