import { describe, expect, it } from "vitest";
import { compileKql, type KqlOptions } from "../index.ts";

type Row = readonly [kql: string, document: Record<string, unknown>, matches: boolean];

const check = (rows: readonly Row[], options: KqlOptions = {}) =>
  it.each(rows)("%s of %j: %j", (kql, document, matches) => {
    expect(compileKql(kql, options)(document)).toBe(matches);
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
