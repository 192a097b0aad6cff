import { describe, expect, it } from "vitest";
import { compileKql, type KqlOptions } from "../index.ts";

type Row = readonly [kql: string, document: Record<string, unknown>, matches: boolean];

const check = (rows: readonly Row[], options: KqlOptions = {}) =>
  it.each(rows)("%s of %j: %j", (kql, document, matches) => {
    expect(compileKql(kql, options)(document)).toBe(matches);
  });

const long = "x".repeat(1025);

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
];

describe("a keyword", () => {
  check(
    [
      ...keywords,
      ["ship:7", { ship: 7 }, true],
      ["ship:07", { ship: 7 }, false],
      ["ship:*", { ship: long }, false],
      ["ship:x*", { ship: long }, false],
      [`ship:${long}`, { ship: long }, false],
      ["ship:*", { ship: long.slice(1) }, true],
      ["not ship:*", { ship: long }, true],
      ["ship > a", { ship: long }, false],
    ],
    { fields: { ship: "keyword", "ship.name": "keyword" } },
  );
});

describe("a field without a type", () => {
  check(keywords);
  check([
    ["ship:x*", { ship: long }, true],
    ["not ship:*", { ship: long }, false],
  ]);
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
