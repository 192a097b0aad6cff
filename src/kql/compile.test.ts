import { describe, expect, it } from "vitest";
import type { FieldType } from "../fields/types.ts";
import { compileKql, KqlError, type KqlOptions, parseKql } from "./index.ts";

type Row = readonly [kql: string, document: Record<string, unknown>, matches: boolean];

const check = (rows: readonly Row[], options: KqlOptions = {}) =>
  it.each(rows)("%s of %j: %j", (kql, document, matches) => {
    expect(compileKql(kql, options)(document)).toBe(matches);
  });

const long = "x".repeat(1025);

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

const keywords: readonly Row[] = [
  ["ship:Vega", { ship: "Vega" }, true],
  ["ship:Vega", { ship: "vega" }, false],
  ["ship:Vega", { ship: "Vega 2" }, false],
  ["ship:Vega 2", { ship: "Vega 2" }, true],
  ['ship:"Vega"', { ship: ["Lyra", "Vega"] }, true],
  ["ship.name:Vega", { ship: [{ name: "Lyra" }, { name: "Vega" }] }, true],
  ["ship.name:Vega", { "ship.name": "Vega" }, true],
  ["ship:*", { ship: "" }, true],
  ["ship:*", { ship: [] }, false],
  ["ship:*", { ship: [null] }, false],
  ["ship:*", { ship: { name: "Vega" } }, false],
  ["ship:**", { ship: "" }, true],
  ["ship:**", {}, false],
  ['ship:""', { ship: "" }, true],
  ["ship:Ve*", { ship: "Vega" }, true],
  ["ship:Ve*", { ship: "La Vega" }, false],
  ["ship:*ga", { ship: "Vega" }, true],
  ["ship:*ga", { ship: "Vegas" }, false],
  ["ship:V*a", { ship: "V" }, false],
  ["ship:V*a", { ship: "V\n a" }, true],
  ["ship:aba*aba", { ship: "ababa" }, false],
  ["ship:*eg*", { ship: "Vega" }, true],
  ["ship:*a*b*c", { ship: "-ba-b-bc" }, true],
  ["ship:*a*b*bc", { ship: "-a-bc" }, false],
  ["ship:a*b*c*", { ship: "acb" }, false],
  ["ship:ve*", { ship: "Vega" }, false],
  ["ship:V?ga", { ship: "Vega" }, false],
  ["ship:V.ga*", { ship: "Vega" }, false],
  ["ship:Ve\\**", { ship: "Ve*ga" }, true],
  ["ship:Ve\\**", { ship: "Vega" }, false],
  ['ship:"Ve*"', { ship: "Vega" }, false],
  ['ship:"Ve*"', { ship: "Ve*" }, true],
  ["ship:*a c*", { ship: "Vega colony" }, true],
  ["ship:*", { ship: long }, false],
  ["ship:x*", { ship: long }, false],
  [`ship:${long}`, { ship: long }, false],
  ["ship:*", { ship: long.slice(1) }, true],
  ["not ship:*", { ship: long }, true],
  ["ship:true", { ship: true }, true],
  ["ship:true", { ship: "true" }, true],
  ['ship:"true"', { ship: true }, true],
  ["ship:1*", { ship: 12 }, true],
  ["ship > m", { ship: "n" }, true],
  ["ship > m", { ship: "M" }, false],
  ["ship >= m", { ship: "m" }, true],
  ["ship < m", { ship: "m" }, false],
  ["ship <= m", { ship: "" }, true],
  ["ship < \\uffee", { ship: "😀" }, false],
  ["ship > \\uffee", { ship: "😀" }, true],
  ["ship > 5", { ship: "10" }, false],
  ["ship > a", { ship: long }, false],
];

describe("a keyword", () => {
  check([...keywords, ["ship:7", { ship: 7 }, true], ["ship:07", { ship: 7 }, false]], {
    fields: { ship: "keyword", "ship.name": "keyword" },
  });
});

describe("a field without a type", () => {
  check(keywords);
  check([
    ["n:7", { n: 7 }, true],
    ["n:007", { n: 7 }, true],
    ['n:"7.0"', { n: 7 }, true],
    ["n:007", { n: "7" }, false],
    ["n:seven", { n: 7 }, false],
    ["n > 6", { n: 10 }, true],
    ["n > 6", { n: "10" }, false],
    ["n >= -1.5e1", { n: -15 }, true],
    ["n < abc", { n: 1 }, false],
    ["n < 5", { n: true }, false],
    ["b:false", { b: false }, true],
    ["b:FALSE", { b: false }, false],
    ["b:f*", { b: false }, true],
    ["source.ip:192.0.2.0/24", { source: { ip: "192.0.2.9" } }, true],
    ["peer.ip:192.0.2.0/24", { peer: { ip: "192.0.2.9" } }, false],
    ["constructor:*", {}, false],
  ]);
});

describe("an ip", () => {
  check(
    [
      ["ip:192.0.2.9", { ip: "192.0.2.9" }, true],
      ["ip:192.0.2.9", { ip: ["192.0.2.8", "::ffff:192.0.2.9"] }, true],
      ['ip:"::FFFF:192.0.2.9"', { ip: "192.0.2.9" }, true],
      ['ip:"2001:db8::7"', { ip: "2001:0DB8:0:0:0:0:0:7" }, true],
      ["ip:192.0.2.0/25", { ip: "192.0.2.127" }, true],
      ["ip:192.0.2.0/25", { ip: "192.0.2.128" }, false],
      ['ip:"2001:db8::/32"', { ip: "2001:db8:ffff::1" }, true],
      ["ip:*", { ip: "nowhere" }, false],
      ["ip:*", { ip: 7 }, false],
      ["ip:*", { ip: ["nowhere", "::1"] }, true],
      ["not ip:192.0.2.9", { ip: "nowhere" }, true],
      ["ip > 9.255.255.255", { ip: "10.0.0.0" }, true],
      ["ip < 9.255.255.255", { ip: "10.0.0.0" }, false],
      ['ip >= "::1"', { ip: "10.0.0.0" }, true],
      ["ip <= 10.0.0.0", { ip: "::ffff:10.0.0.0" }, true],
      ["ip <= 10.0.0.0", { ip: "nowhere" }, false],
    ],
    { fields: { ip: "ip" } },
  );
});

describe("numbers", () => {
  check(
    [
      ["n:200", { n: 200 }, true],
      ["n:200", { n: "200" }, true],
      ["n:+0200", { n: 200 }, true],
      ["n:200.0", { n: 200 }, true],
      ["n:200.5", { n: 200 }, false],
      ["n:200", { n: 200.9 }, true],
      ["n:*", { n: "many" }, false],
      ["n:*", { n: true }, false],
      ["n:*", { n: "1.5" }, true],
      ["n:-0", { n: 0 }, true],
      ["n > 9", { n: "10" }, true],
      ["n >= 10.5", { n: 10 }, false],
      ["d:.5", { d: 0.5 }, true],
      ["d:5e-1", { d: "0.50" }, true],
      ["d < 0.5", { d: [1, 0.4] }, true],
      ["f:0.1", { f: 0.10000000149011612 }, true],
      ["d:0.1", { d: 0.10000000149011612 }, false],
    ],
    { fields: { n: "long", d: "double", f: "float" } },
  );
});

describe("a boolean", () => {
  check(
    [
      ["b:true", { b: true }, true],
      ["b:true", { b: "true" }, true],
      ['b:"false"', { b: false }, true],
      ["b:false", { b: "" }, true],
      ["b:*", { b: "yes" }, false],
      ["b:*", { b: false }, true],
      ["not b:true", {}, true],
    ],
    { fields: { b: "boolean" } },
  );
});

describe("a text", () => {
  const fields = { t: "text", m: "match_only_text" } as const;
  check(
    [
      ["t:ship", { t: "The Ship, at last" }, true],
      ["t:boat ship", { t: "the ship" }, true],
      ["t:boats", { t: "the boat" }, false],
      ['t:"ship at"', { t: "The ship, AT last" }, true],
      ['t:"at ship"', { t: "ship at" }, false],
      ['t:"red ship"', { t: ["red", "ship"] }, false],
      ["t:(red and ship)", { t: ["red", "ship"] }, true],
      ["t:sh*", { t: "The Ship" }, true],
      ["t:SH*", { t: "the ship" }, true],
      ["t:the sh*", { t: "a ship" }, true],
      ["t:the sh*", { t: "the boat" }, true],
      ["t:yard/sh*", { t: "yard/ship" }, false],
      ["t:*a-b*", { t: "a-b" }, false],
      ['t:"--"', { t: "--" }, false],
      ["t:*", { t: "" }, true],
      ["m:ship", { m: 'a "ship"' }, true],
      ['t:"crew:deck"', { t: "Crew:deck-hands" }, true],
      ["t:5", { t: 5 }, true],
    ],
    { fields },
  );
});

describe("a wildcard and a constant keyword", () => {
  check(
    [
      ["w:*x", { w: long }, true],
      ["w:a* b*", { w: "bcd" }, true],
      ["w:a* b*", { w: "cab" }, false],
      ["w:a *", { w: "z" }, true],
      ["w:a b", { w: "a b" }, true],
      ["w:a b", { w: "a" }, false],
      ["c:a* b", { c: "b" }, true],
      ["c:audit", { c: "audit" }, true],
      ["c > b", { c: "c" }, true],
    ],
    { fields: { w: "wildcard", c: "constant_keyword" } },
  );
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
    expect(compileKql("b:x", { unlisted: "invisible" })(document)).toBe(false);
    expect(compileKql("toString:*", { fields: {} })({ toString: "x" })).toBe(false);
  });

  it("without types, goes by its values", () => {
    expect(compileKql("b:x")(document)).toBe(true);
  });
});

describe("a query that cannot run", () => {
  const fields = { n: "integer", b: "boolean", ip: "ip", t: "text", day: "date" as FieldType } as const;
  it.each<[string, number, string]>([
    ["a:1 and n:null", 10, "Write not n:* for a field without a value."],
    ["n > null", 4, "Write not n:*"],
    ["a:1 and ship", 8, "Write field:value."],
    ["n:ten", 2, 'Found "ten" for the field "n", where a number is wanted.'],
    ["n:1*", 2, "numbers have no patterns"],
    ["n:true", 2, "a number is wanted"],
    ["b:yes", 2, "true or false is wanted"],
    ["b > false", 4, "a boolean is neither more nor less"],
    ["b:t*", 2, "true or false is wanted"],
    ["ip:(192.0.2.1 or 192.0.2.256)", 17, 'Found "192.0.2.256" for the field "ip", where an IP address is wanted.'],
    ["ip:192.*", 3, "or a network such as 10.0.0.0/8."],
    ["ip >= 10.0.0.0/8", 6, "an IP address is wanted"],
    ["ip:010.0.0.1", 3, "an IP address is wanted"],
    ["t > a", 4, "the order of words in a text means nothing"],
    ["n > 1*", 4, "without a star"],
    ["day:2026", 0, 'The field "day" is of type "date", which weir cannot compare yet. It knows keyword'],
    ["crew:{name:x}", 0, "nested objects"],
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

  it("without types refuses date arithmetic and ECS addresses that are none", () => {
    expect(() => compileKql('"@timestamp" > now-5m')).toThrow("date arithmetic");
    expect(() => compileKql("client.ip:10.*")).toThrow("an IP address is wanted");
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
