import { describe, expect, it } from "vitest";
import { compileKql, KqlError, type KqlOptions, parseKql } from "./index.ts";

type Row = readonly [kql: string, document: Record<string, unknown>, matches: boolean];

const check = (rows: readonly Row[], options: KqlOptions = {}) =>
  it.each(rows)("%s of %j: %j", (kql, document, matches) => {
    expect(compileKql(kql, options)(document)).toBe(matches);
  });

describe("structure", () => {
  check([
    ["", {}, true],
    ["*:*", {}, true],
    ["*", {}, true],
    ["a:1 and b:2", { a: "1", b: "2" }, true],
    ["a:1 and b:2", { a: "1" }, false],
    ["a:1 or b:2", { b: "2" }, true],
    ["not a:1", {}, true],
    ["not a:1", { a: ["0", "1"] }, false],
    ["a:(x and y)", { a: ["y", "x"] }, true],
    ["a:(x and not y)", { a: ["y", "x"] }, false],
    ["a:(x or y and not z)", { a: ["x", "z"] }, true],
    ["a:(x or y and not z)", { a: ["y", "z"] }, false],
    ["(a:1 or b:1) and not (c:1 or d:1)", { b: "1", c: "0" }, true],
  ]);
});

describe("a pattern of field names", () => {
  const document = { ship: { name: "Vega", port: { name: "Lyra" }, ip: "192.0.2.9", n: 12 }, crew: ["ann"] };
  check([
    ["ship.*name:Lyra", document, true],
    ["ship.*:Vega", document, true],
    ["*name:ann", document, false],
    ["*:ann", document, true],
    ["ship*n > 11", document, true],
    ["not s*:*", document, false],
    ["x*:*", document, false],
  ]);
  const fields = { "ship.name": "text", "ship.ip": "ip", crew: "keyword" } as const;
  check(
    [
      ["ship.*:vega", document, true],
      ["ship.*:192.0.2.0/24", document, true],
      ["ship.*:Lyra", document, false],
      ["*:12", document, false],
      ["*:ann", document, true],
    ],
    { fields },
  );
});

describe("a field that the given types do not list", () => {
  const document = { a: "x", b: "x" };
  it("has no values unless it is to go by them", () => {
    const fields = { a: "keyword" } as const;
    expect(compileKql("b:*", { fields })(document)).toBe(false);
    expect(compileKql("not b:x", { fields })(document)).toBe(true);
    expect(compileKql("b:x", { fields, unlisted: "by_value" })(document)).toBe(true);
    expect(compileKql("source.ip:10.0.0.0/8", { fields, unlisted: "by_value" })({ source: { ip: "10.1.1.1" } })).toBe(
      true,
    );
    expect(compileKql("b:x", { unlisted: "invisible" })(document)).toBe(false);
    expect(compileKql("toString:*", { fields: {} })({ toString: "x" })).toBe(false);
  });

  it("without types, goes by its values", () => {
    expect(compileKql("b:x")(document)).toBe(true);
  });
});

describe("a query that cannot run", () => {
  const fields = {
    n: "integer",
    b: "boolean",
    ip: "ip",
    t: "text",
    day: "date",
    place: "geo_point",
    crew: "keyword",
    f: "flattened",
  } as const;
  it.each<[string, number, string]>([
    ["a:1 and n:null", 10, "Write not n:* for a field without a value."],
    ["n > null", 4, "Write not n:*"],
    ["a:1 and ship", 8, "Write field:value."],
    ["n:ten", 2, '"ten" does not fit the field "n": it is not a number.'],
    ["n:1*", 2, "numbers have no patterns"],
    ["n:true", 2, "it is not a number"],
    ["b:yes", 2, "it is neither true nor false"],
    ["b > false", 4, "booleans have no order"],
    ["b:t*", 2, "it is neither true nor false"],
    ["ip:(192.0.2.1 or 192.0.2.256)", 17, '"192.0.2.256" does not fit the field "ip": it is not an IP address.'],
    ["ip:192.*", 3, "or a network such as 10.0.0.0/8."],
    ["ip >= 10.0.0.0/8", 6, "it is not an IP address"],
    ["ip:010.0.0.1", 3, "it is not an IP address"],
    ["t > a", 4, "words in a text have no order"],
    ["n > 1*", 4, "without a star"],
    ["day:tomorrow", 4, '"tomorrow" does not fit the field "day": it is not a date.'],
    ["day:2026*", 4, "dates have no patterns"],
    ["day > now-7x", 6, "it is not a date"],
    ["place:x", 6, "places cannot be compared"],
    ["f.k:a*", 4, "no patterns"],
    ["crew:{name:x}", 0, 'The field "crew" has the type "keyword", and no nested objects.'],
    ["n:{ship}", 0, "no nested objects"],
    ["x:{ship}", 3, "Write field:value."],
    ["x*:{a:b}", 0, "without stars"],
  ])("%s", (kql, offset, message) => {
    expect.assertions(3);
    try {
      compileKql(kql, { fields });
    } catch (error) {
      expect(error).toBeInstanceOf(KqlError);
      expect((error as KqlError).message).toContain(message);
      expect((error as KqlError).offset).toBe(offset);
    }
  });

  it("without types refuses addresses of ECS that are none", () => {
    expect(() => compileKql("client.ip:10.*")).toThrow("IP addresses have no patterns");
  });

  it.each(["error", "BRAND", "cannot", "a\\:b", '"x or y"', "fat*and"])("quotes %s as it is written", (word) => {
    expect(() => compileKql(`a:1 or (${word})`)).toThrow(`"${word}" names no field`);
    expect(() => compileKql(`${word}:null`)).toThrow(`"${word}" is compared with null. Write not ${word}:* for`);
  });

  it("has no offset when it was given as a tree", () => {
    const tree = structuredClone(parseKql("a:null"));
    expect(() => compileKql(tree)).toThrow(expect.objectContaining({ offset: undefined }));
  });
});

it("compiles a tree as it compiles its text", () => {
  const matches = compileKql(parseKql("ship:V* and not port:*"));
  expect([matches({ ship: "Vega" }), matches({ ship: "Vega", port: 1 })]).toEqual([true, false]);
});

describe("a large query", () => {
  const conditions = (count: number, one = "f:x") => Array.from({ length: count }, () => one).join(" or ");
  const errorOf = (query: string, limits?: KqlOptions["limits"]) => {
    try {
      compileKql(query, limits ? { limits } : {});
      return "";
    } catch (error) {
      expect(error).toBeInstanceOf(KqlError);
      const { summary, offset = -1 } = error as KqlError;
      return `${offset}: ${summary}`;
    }
  };

  it("has at most so many conditions, of which at most so many are on patterns of fields", () => {
    expect(errorOf(conditions(4_096))).toBe("");
    expect(errorOf(conditions(4_097))).toMatch(/^\d+: The query has more than 4096 conditions/);
    expect(errorOf(`f:(${conditions(4_097, "*x*")})`)).toMatch(/^\d+: The query has more than 4096 conditions/);
    expect(errorOf(conditions(256, "a*:x"))).toBe("");
    expect(errorOf(conditions(257, "a*:x"))).toMatch(/more than 256 conditions on patterns of fields/);
    expect(errorOf(conditions(3), { conditions: 2 })).toBe(
      "17: The query has more than 2 conditions, which is the limit.",
    );
    expect(errorOf("f:xyz", { characters: 4 })).toBe("4: The query has 5 characters; at most 4 are supported.");
  });

  it("names fields of at most 64 segments and 1,024 characters", () => {
    expect(errorOf(`${"a.".repeat(63)}a:x`)).toBe("");
    const many = "0: The path of the field has 3001 segments; at most 64 are supported.";
    expect(errorOf(`${"a.".repeat(3_000)}a:x`)).toBe(many);
    expect(errorOf(`${"a.".repeat(3_000)}a > 7`)).toBe(many);
    expect(errorOf(`${"a".repeat(1_025)}:*`)).toBe(
      "0: The path of the field has 1025 characters; at most 1024 are supported.",
    );
  });

  it("gives the same verdicts when its conditions share the list of values", () => {
    const data = { a: { b: ["x", 1], c: null }, d: [{ e: "y" }] };
    for (const [one, other] of [
      ["a*:x", "d*:z"],
      ["a*:z", "d*:y"],
      ["z*:x", "*.b:1"],
      ["a.c*:*", "d.e*:z"],
    ] as const) {
      const wanted = compileKql(one)(data) || compileKql(other)(data);
      const shared = compileKql(`${one} or ${other}`);
      expect([shared(data), shared({}), shared(data)]).toEqual([wanted, false, wanted]);
    }
  });
});
