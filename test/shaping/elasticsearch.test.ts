import { describe, expect, it } from "vitest";
import { ExactNumber } from "weir/fields";
import { type Case, check } from "./cases.ts";
import { reshape, type Written } from "./support.ts";

const dissect = (pattern: string, text: string, wanted: object | string, more: Written = {}): Case => [
  { field: "m", pattern, ...more },
  { m: text },
  typeof wanted === "string" ? wanted : { m: text, ...wanted },
];

check("dissect", [
  dissect("%{day}/%{month} %{level->} %{thread}: %{rest}", "7/Mai WARN   main: a: b", {
    day: "7",
    month: "Mai",
    level: "WARN",
    thread: "main",
    rest: "a: b",
  }),
  dissect("%{a} %{+a} %{+a}", "1 2 3", { a: "123" }),
  dissect("%{a} %{+a} %{+a}", "1 2 3", { a: "1-2-3" }, { append_separator: "-" }),
  dissect("%{+a/2} %{+a/4} %{+a/1} %{+a/3}", "b d a c", { a: "abcd" }),
  dissect("%{a} %{+a/2} %{+a/1}", "x y z", { a: "xzy" }),
  dissect("%{+a/3} %{+a/1->} %{+a/2}", "x y     z", { a: "yzx" }),
  dissect("%{*k} %{&k}", "color blue", { color: "blue" }),
  dissect("%{&k}=%{*k}", "blue=color", { color: "blue" }),
  dissect("%{?skipped} %{} %{a}", "1 2 3", { a: "3" }),
  dissect("%{a},%{b},%{c}", "1,,3", { a: "1", b: "", c: "3" }),
  dissect("%{a->},%{b}", "1,,,,3", { a: "1", b: "3" }),
  dissect("%{->},%{a->},%{b}", ",,,x,,y", { a: "x", b: "y" }),
  dissect("%{a->} xyz%{b}", "1 xyz xyz xyz2", { a: "1", b: "2" }),
  dissect("%{a} %{b->},", "1 2,,,,", { a: "1", b: "2" }),
  dissect("%{a} %{b->}", "1 2,,", { a: "1", b: "2,," }),
  dissect(",%{a} %{b}", ",,1 2", { a: ",1", b: "2" }),
  dissect("{%{a}}{%{b}} %{c}", "{1}{2} 3", { a: "1", b: "2", c: "3" }),
  dissect("%%{a}%", "%1%", { a: "1" }),
  dissect("[%{a}] [%{b}]", "[] []", { a: "", b: "" }),
  dissect("%{a}࿏%{b} %{c}", "⟳༒࿏༒⟲ 子", { a: "⟳༒", b: "༒⟲", c: "子" }),
  dissect("x%{a}", "y", "the pattern does not match"),
  dissect("%{a} %{b} %{c}", "1 2", "the pattern does not match"),
  dissect("%{a}x", "1", "the pattern does not match"),
]);

describe("dissect refuses", () => {
  it.each([
    "%{a}%{b}",
    "nothing",
    "",
    "%{a?b}",
    "%{+/2}",
    "%{*}",
    "%{++}",
    "%{&+a}",
    "%{*a} %{&b}",
    "%{a} %{&a}",
    "%{a} %{a}",
  ])("%s", (pattern) => expect(() => reshape([{ dissect: { field: "m", pattern } }], {})).toThrow());
});

check("kv", [
  [
    { field: "m", field_split: " ", value_split: "=" },
    { m: "ip=1.2.3.4 error=REFUSED" },
    { m: "ip=1.2.3.4 error=REFUSED", ip: "1.2.3.4", error: "REFUSED" },
  ],
  [
    { field: "m", field_split: "&", value_split: "=", target: "t" },
    { m: "a=hello&b=x&b=y" },
    { m: "a=hello&b=x&b=y", t: { a: "hello", b: ["x", "y"] } },
  ],
  [
    { field: "m", field_split: "&", value_split: "=" },
    { m: "b=y=z&c=", b: "x" },
    { m: "b=y=z&c=", b: ["x", "y=z"], c: "" },
  ],
  [
    { field: "m", field_split: "&", value_split: "=", target: "t" },
    { m: "a.b=1&a.c=2" },
    { m: "a.b=1&a.c=2", t: { a: { b: "1", c: "2" } } },
  ],
  [{ field: "m", field_split: "\\s+", value_split: "[:=]" }, { m: "a:1   b=2" }, { m: "a:1   b=2", a: "1", b: "2" }],
  [
    { field: "m", field_split: ",", value_split: "=", include_keys: ["a", "b"], exclude_keys: ["b"], prefix: "p_" },
    { m: "a=1,b=2,c=3" },
    { m: "a=1,b=2,c=3", p_a: "1" },
  ],
  [
    { field: "m", field_split: ",", value_split: "=", trim_key: " _", trim_value: " .", include_keys: ["a"] },
    { m: " _a_ = .1. ,_b=2" },
    { m: " _a_ = .1. ,_b=2", a: "1" },
  ],
  [
    { field: "m", field_split: ",", value_split: "=", strip_brackets: true },
    { m: "a=<1>,b=(2),c=[3],d=\"4\",e='5',f=<<6>>" },
    { m: "a=<1>,b=(2),c=[3],d=\"4\",e='5',f=<<6>>", a: "1", b: "2", c: "3", d: "4", e: "5", f: "<6>" },
  ],
  [{ field: "m", field_split: " ", value_split: "=" }, { m: "a=1 b" }, 'contains "b", which has no value'],
  [{ field: "m", field_split: " ", value_split: "=" }, { m: "=1" }, "empty name"],
  [{ field: "m", field_split: " ", value_split: "=" }, {}, 'the event has no field "m"'],
  [{ field: "m", field_split: " ", value_split: "=", ignore_missing: true }, {}, {}],
  // Here Elasticsearch fails: between two separators it finds a pair without a value.
  [{ field: "m", field_split: " ", value_split: "=" }, { m: "a=1  b=2" }, { m: "a=1  b=2", a: "1", b: "2" }],
]);

const csv = (text: string, wanted: object | string, more: Written = {}): Case => [
  { field: "m", target_fields: ["a", "b", "c"], ...more },
  { m: text },
  typeof wanted === "string" ? wanted : { m: text, ...wanted },
];

check("csv", [
  csv("1,2,3", { a: "1", b: "2", c: "3" }),
  csv("1,2", { a: "1", b: "2" }),
  csv("1,2,3,4", { a: "1", b: "2", c: "3" }),
  csv(",2,", { b: "2" }),
  csv(',"",3', { a: "-", b: "-", c: "3" }, { empty_value: "-" }),
  csv('"x,y","say ""hi""","two\nlines"', { a: "x,y", b: 'say "hi"', c: "two\nlines" }),
  csv("'x;y';2", { a: "x;y", b: "2" }, { separator: ";", quote: "'" }),
  csv('  1 , 2,"  3  "', { a: "1", b: "2", c: "  3  " }, { trim: true }),
  csv('  1 , "2"  ,3 ', { a: "  1 ", b: "2", c: "3 " }),
  csv("1\t\t3", { a: "1", c: "3" }, { separator: "\t" }),
  csv('ab"c', "needs quotes"),
  csv('"ab"c', "something follows the quotes"),
  csv('"ab', "is not closed"),
  csv("ab\nc", "needs quotes"),
  csv("ab\rc", "needs quotes"),
]);

const date = (format: string, text: unknown, wanted: string, more: Written = {}): Case => [
  { field: "t", formats: [format], ...more },
  { t: text },
  /^(?:\d|\w+day)/.test(wanted) ? { t: text, "@timestamp": wanted } : wanted,
];

check("date", [
  date("dd/MM/yyyy HH:mm:ss", "02/01/2026 03:04:05", "2026-01-02T03:04:05.000Z"),
  date("dd/MM/yyyy HH:mm:ss", "02/01/2026 03:04:05", "2026-01-02T03:04:05.000+01:00", { timezone: "Europe/Amsterdam" }),
  date("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2018-02-05T13:44:56.657+0100", "2018-02-05T12:44:56.657Z"),
  date("uuuu-MM-dd'T'HH:mm:ss.SSSXX", "2018-02-05T13:44:56.657-0100", "2018-02-05T14:44:56.657Z"),
  date("MMM dd HH:mm:ss Z", "Nov 24 01:29:01 -0800", "2025-11-24T09:29:01.000Z"),
  date("ISO8601", "2001-01-01T00:00:00-0800", "2001-01-01T08:00:00.000Z"),
  date("ISO8601", "2001-01-01T00:00:00", "2001-01-01T00:00:00.000+01:00", { timezone: "+0100" }),
  date("ISO8601", "2001-01-0:00-0800", "fits none of the formats"),
  date("UNIX", "1000.5", "1970-01-01T00:16:40.500Z"),
  date("UNIX", 1495718015, "2017-05-25T13:13:35.000Z"),
  date("UNIX", new ExactNumber("1495718015.1234567890123"), "fits none of the formats"),
  date("UNIX_MS", "1000500", "1970-01-01T00:16:40.500Z"),
  date("TAI64N", "4000000050d506482dbdf024", "2012-12-22T03:00:46.767+02:00", { timezone: "+02:00" }),
  date("hh:mm:ss a dd-MMM-yy", "12:04:05 am 02-Jan-26", "2026-01-02T00:04:05.000Z"),
  date("hh:mm a", "13:04 PM", "fits none of the formats"),
  date("yyyy-DDD", "2026-366", "fits none of the formats"),
  date("yyyy-DDD", "2024-366", "2024-12-31T00:00:00.000Z"),
  date("EEE MMM dd HH:mm:ss zzz yyyy", "Fri Jan 02 03:04:05 PDT 2026", "2026-01-02T10:04:05.000Z"),
  date("ISO8601", "2026-01-02T03:04:05Z", "Friday 02 January 26, 04:04 AM +0100", {
    timezone: "Europe/Paris",
    output_format: "EEEE dd MMMM yy, hh:mm a Z",
  }),
  date("ISO8601", "2026-07-02T03:04:05.5Z", "2026-07-02 at 05:04:05.5+02:00/183", {
    timezone: "Europe/Paris",
    output_format: "yyyy-MM-dd 'at' HH:mm:ss.SXXX/D",
  }),
]);

check("json", [
  [{ field: "m" }, { m: '{"a":[1,{"b":null}]}' }, { m: { a: [1, { b: null }] } }],
  [{ field: "m", target: "t" }, { m: "3" }, { m: "3", t: 3 }],
  [{ field: "m", target: "t" }, { m: '"x"' }, { m: '"x"', t: "x" }],
  [
    { field: "m", add_to_root: true },
    { m: '{"a":{"x":1}}', a: { y: 2 } },
    { m: '{"a":{"x":1}}', a: { x: 1 } },
  ],
  [
    { field: "m", add_to_root: true, add_to_root_conflict_strategy: "merge" },
    { m: '{"a":{"x":1}}', a: { y: 2 } },
    { m: '{"a":{"x":1}}', a: { x: 1, y: 2 } },
  ],
  [{ field: "m", add_to_root: true }, { m: "[1]" }, "which is not an object"],
  [{ field: "m" }, { m: "123 abc" }, "which is not JSON"],
  [{ field: "m" }, { m: "" }, "which is not JSON"],
]);

const url = (text: string, parts: object | string): Case => [
  { field: "u", keep_original: false },
  { u: text },
  typeof parts === "string" ? parts : { u: text, url: parts },
];

check("url", [
  url("http://www.example.org", { scheme: "http", domain: "www.example.org", path: "" }),
  url("http://www.example.org:88/a.b/logo.png", {
    scheme: "http",
    domain: "www.example.org",
    port: 88,
    path: "/a.b/logo.png",
    extension: "png",
  }),
  url("https://ann:pw@example.org:8080/a/b?c=d&e=f#g", {
    scheme: "https",
    domain: "example.org",
    port: 8080,
    path: "/a/b",
    query: "c=d&e=f",
    fragment: "g",
    user_info: "ann:pw",
    username: "ann",
    password: "pw",
  }),
  url("https://ann:@example.org/", {
    scheme: "https",
    domain: "example.org",
    path: "/",
    user_info: "ann:",
    username: "ann",
    password: "",
  }),
  url("ldap://[2001:db8::7]/c=GB?objectClass?one", {
    scheme: "ldap",
    domain: "[2001:db8::7]",
    path: "/c=GB",
    query: "objectClass?one",
  }),
  url("http://example.org/path with spaces?a=b c", {
    scheme: "http",
    domain: "example.org",
    path: "/path with spaces",
    query: "a=b c",
  }),
  url("/a.html?b=c", { path: "/a.html", extension: "html", query: "b=c" }),
  url("not:\\/_a_url", "which is not a URL"),
  url("http://example.org:x/", "which is not a URL"),
  [
    { field: "url" },
    { url: "http://a.example/" },
    { url: { original: "http://a.example/", scheme: "http", domain: "a.example", path: "/" } },
  ],
  [{ field: "u", remove_if_successful: true, target: "v" }, { u: "/a" }, { v: { original: "/a", path: "/a" } }],
]);
