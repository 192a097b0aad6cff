import { describe, expect, it } from "vitest";
import { ExactNumber } from "weir/fields";
import { compileDateFormat, isoIn, zoneOf } from "weir/formats";
import { LinearRegex } from "weir/regex";
import { testTransform } from "weir/testing";
import remap from "./index.ts";

const access = '83.149.9.216 - - [17/May/2015:10:05:03 +0200] "GET /x.png HTTP/1.1" 200 203023 "-" "Mozilla/5.0"';
const utc = zoneOf("UTC")!;
const date = (...formats: string[]) => ({
  field: "time",
  formats: formats.map(compileDateFormat),
  target: "@timestamp",
  timezone: utc,
});

testTransform(remap, [
  {
    name: "shapes an access log",
    config: {
      steps: [
        { grok: { field: "message", patterns: ["%{COMBINEDAPACHELOG}"], ignore_missing: false } },
        { rename: { clientip: "source.ip", verb: "http.request.method", timestamp: "time" } },
        { convert: { response: "integer", bytes: "long" } },
        { date: date("dd/MMM/yyyy:HH:mm:ss Z") },
        { set: { "event.kind": "event", "labels.from": "{{ source.ip }}!", big: { cel: "bytes > 1000.0" } } },
        { remove: ["ident", "auth", "time", "message", "referrer", "agent", "httpversion"] },
      ],
    },
    input: [{ message: access }],
    output: [
      {
        request: "/x.png",
        response: 200,
        bytes: 203023,
        source: { ip: "83.149.9.216" },
        http: { request: { method: "GET" } },
        "@timestamp": "2015-05-17T08:05:03.000Z",
        event: { kind: "event" },
        labels: { from: "83.149.9.216!" },
        big: true,
      },
    ],
  },
  {
    name: "compares by the types in `fields`, also in steps that end an event",
    config: {
      fields: { message: "wildcard", released: "date" },
      default_fields: ["message"],
      steps: [
        { set: { json: true }, where: "message:\\{*" },
        { set: { new: true }, where: "released >= now-1d" },
        { drop: { where: "message:#*" } },
        { drop: { where: "*noise" } },
      ],
    },
    input: [
      { message: "{1}", released: "2000" },
      { message: "# {" },
      { message: "some noise" },
      { message: "1", released: "2999" },
    ],
    output: [
      { message: "{1}", released: "2000", json: true },
      { message: "1", released: "2999", new: true },
    ],
    dropped: { remap: 2 },
  },
  {
    name: "runs a step only where its query matches, drops and rejects",
    config: {
      steps: [
        { set: { slow: true }, where: "took > 100" },
        { drop: { where: 'path: "/healthz"' } },
        { reject: { where: "level: unknown", reason: "no_level", message: "the level is unknown" } },
      ],
    },
    input: [{ took: 200 }, { took: 5 }, { path: "/healthz" }, { level: "unknown" }],
    output: [{ took: 200, slow: true }, { took: 5 }],
    dropped: { remap: 1 },
    rejected: { no_level: 1 },
  },
  {
    name: "rejects an event for which a step fails, goes on, or runs other steps",
    config: {
      steps: [
        { convert: { a: "integer" }, on_failure: "ignore" },
        {
          convert: { b: "integer" },
          on_failure: [{ set: { "error.message": { cel: "failure.step + ': ' + failure.message" } } }],
        },
        { convert: { c: "integer" } },
      ],
    },
    input: [
      { a: "x", b: "1", c: "2" },
      { a: "1", b: "y", c: "2" },
      { a: "1", b: "1", c: "z" },
    ],
    output: [
      { a: "x", b: 1, c: 2 },
      { a: 1, b: "y", c: 2, error: { message: 'convert: "b" is "y", which is not an integer' } },
    ],
    rejected: { convert_failed: 1 },
  },
  {
    name: "writes texts",
    config: {
      steps: [
        { lowercase: ["a"] },
        { uppercase: ["b"] },
        { trim: ["c"] },
        {
          gsub: {
            field: "d",
            pattern: new LinearRegex("(\\d+)-(?<end>\\w)"),
            replacement: "${end}.$1\\$",
            ignore_missing: false,
          },
        },
        { split: { field: "e", separator: new LinearRegex(",\\s*"), preserve_trailing: false, ignore_missing: false } },
        { join: { field: "f", separator: "-" } },
        {
          regex: {
            field: "g",
            pattern: new LinearRegex("(?<user>\\w+)@(?<host>\\w+)"),
            target: "mail",
            ignore_missing: false,
          },
        },
        { append: { tags: ["y", "z"] } },
        { copy: { a: "h.i" } },
      ],
    },
    input: [
      {
        a: "ÄB",
        b: ["x", "y"],
        c: " z ",
        d: "12-ab 3-c",
        e: "1, 2,3,,",
        f: [1, "b", true],
        g: "to ann@home",
        tags: "x",
      },
    ],
    output: [
      {
        a: "äb",
        b: ["X", "Y"],
        c: "z",
        d: "a.12$b c.3$",
        e: ["1", "2", "3"],
        f: "1-b-true",
        g: "to ann@home",
        tags: ["x", "y", "z"],
        mail: { user: "ann", host: "home" },
        h: { i: "äb" },
      },
    ],
  },
  {
    name: "keeps only some fields, under the names that they have",
    config: { steps: [{ keep: ["a.b", "c"] }] },
    input: [{ a: { b: 1, x: 2 }, c: [1], d: 4 }],
    output: [{ a: { b: 1 }, c: [1] }],
  },
  {
    name: "changes nothing that a key like __proto__ could reach",
    config: {
      steps: [
        {
          kv: {
            field: "m",
            field_split: new LinearRegex(" "),
            value_split: new LinearRegex("="),
            exclude_keys: [],
            prefix: "",
            trim_key: "",
            trim_value: "",
            strip_brackets: false,
            target: "kv",
            ignore_missing: false,
          },
        },
        { json: { field: "j", add_to_root: true, add_to_root_conflict_strategy: "replace", ignore_missing: false } },
        { remove: ["m", "j"] },
      ],
    },
    input: [{ m: "__proto__=1 a=2 a=3", j: '{"__proto__":{"x":1},"y":2}' }],
    output: [JSON.parse('{"kv":{"__proto__":"1","a":["2","3"]},"__proto__":{"x":1},"y":2}')],
  },
]);

describe("date", () => {
  const now = Date.UTC(2026, 5, 15);
  const read = (format: string, text: string, zone = "UTC") => {
    const found = compileDateFormat(format)(text, { zone: zoneOf(zone)!, now });
    return found === undefined ? undefined : isoIn(zoneOf(zone)!, found);
  };
  it.each([
    ["dd/MMM/yyyy:HH:mm:ss Z", "17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03.000Z"],
    ["ISO8601", "2026-01-02", "2026-01-02T00:00:00.000Z"],
    ["ISO8601", "2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05.678Z"],
    ["ISO8601", "2026-01-02 03:04:05,5+02:00", "2026-01-02T01:04:05.500Z"],
    ["UNIX", "1700000000.5", "2023-11-14T22:13:20.500Z"],
    ["UNIX_MS", "1700000000500", "2023-11-14T22:13:20.500Z"],
    ["TAI64N", "@4000000050d506482dbdf024", "2012-12-22T01:00:46.767Z"],
    ["MMM d HH:mm:ss", "Jan  2 03:04:05", "2026-01-02T03:04:05.000Z"],
    ["MMM d HH:mm:ss", "Dec 31 03:04:05", "2025-12-31T03:04:05.000Z"],
    ["EEE, dd MMM yyyy hh:mm a z", "Fri, 02 Jan 2026 03:04 PM GMT", "2026-01-02T15:04:00.000Z"],
    ["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-01-02T03:04:05.678-05:00", "2026-01-02T08:04:05.678Z"],
    ["yy.D", "26.32", "2026-02-01T00:00:00.000Z"],
    ["yyyy-MM-dd[ HH:mm]", "2026-01-02 03:04", "2026-01-02T03:04:00.000Z"],
    ["yyyy-MM-dd", "2026-02-29", undefined],
    ["yyyy-MM-dd", "2026-01-02x", undefined],
    ["HH:mm", "25:00", undefined],
    ["yyyy-MM-dd HH:mm z", "2026-01-02 03:04 +18:00", "2026-01-01T09:04:00.000Z"],
    ["yyyy-MM-dd HH:mm z", "2026-01-02 03:04 +18:01", undefined],
    ["yyyy-MM-dd HH:mm z", "2026-01-02 03:04 +02:60", undefined],
    ["yyyy-MM-dd HH:mm z", "2026-01-02 03:04 europe/BERLIN", "2026-01-02T02:04:00.000Z"],
  ])("%s reads %s", (format, text, wanted) => expect(read(format, text)).toBe(wanted));

  it("reads local times of zones, also around a change of the clocks", () => {
    expect(read("yyyy-MM-dd HH:mm", "2026-07-01 12:00", "Europe/Berlin")).toBe("2026-07-01T12:00:00.000+02:00");
    expect(read("yyyy-MM-dd HH:mm", "2026-01-01 12:00", "Europe/Berlin")).toBe("2026-01-01T12:00:00.000+01:00");
    expect(read("yyyy-MM-dd HH:mm", "2026-03-29 03:30", "Europe/Berlin")).toBe("2026-03-29T03:30:00.000+02:00");
    expect(read("UNIX", "0", "-03:30")).toBe("1969-12-31T20:30:00.000-03:30");
  });

  it.each(["yyyy-qq", "'open", "yyyy[", "yyyy]"])("refuses the format %s", (format) => {
    expect(() => compileDateFormat(format)).toThrow();
  });
});

it("keeps numbers that JavaScript would change", () => {
  expect(String(new ExactNumber("9223372036854775807"))).toBe("9223372036854775807");
});
