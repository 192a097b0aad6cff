import { describe, expect, it } from "vitest";
import { ExactNumber } from "../exact-number.ts";
import type { Data } from "../json.ts";
import { compileEql, type EqlOptions } from "./compile.ts";

const matches = (condition: string, data: Data = {}, options: EqlOptions = {}): boolean => {
  const query = compileEql(`any where ${condition}`, options);
  if (query.type !== "event") throw new Error("a query of events");
  return query.matches(data);
};

const process = {
  event: { category: ["process"], type: "start" },
  process: {
    name: "Regsvr32.exe",
    args: ["regsvr32", "/s", "C:\\x.dll"],
    args_count: 4,
    "parent.name": "explorer.exe",
    command_line: "start regsvr32.exe",
    load: 1.5,
    id: new ExactNumber("9007199254740993"),
  },
  source: { ip: ["192.168.152.12", "::ffff:10.0.0.1"] },
  file: { path: "C:\\Windows\\System32\\cmd.exe" },
  signed: true,
  text: "5",
};

describe("conditions that are true for a process", () => {
  it.each([
    'process.name == "Regsvr32.exe" and process.name != "regsvr32.exe"',
    'process.name : "regsvr32.EXE" and process.name : ("x", "reg*32.?xe")',
    'process.name like "Regsvr??.exe" and not process.name like "regsvr*"',
    'process.name like~ "regsvr*" and process.name regex "Reg.*[0-9]{2}\\\\.exe" and process.name regex~ """regsvr\\d+\\.exe"""',
    'process.name in ("a", "Regsvr32.exe") and process.name in~ ("REGSVR32.exe") and process.name not in ("regsvr32.exe")',
    'process.parent.name == "explorer.exe" and process.parent.name >= "explorer" and process.parent.name < "f"',
    "process.args_count == 4 and process.args_count == 4.0 and 4 == process.args_count and 5 > process.args_count",
    "process.args_count in (3, 4) and process.args_count not in (5, 6)",
    "process.load == 1.5 and process.load > 1 and process.load * 2 == 3",
    "process.id == 9007199254740993 and process.id != 9007199254740992 and process.id + 1 == 9007199254740994",
    "signed and signed == true and not signed == false and signed != false",
    'text == 5 and text == "5" and number(text) == 5',
    "process.args_count / 3 == 1 and process.args_count / 3.0 > 1.3 and process.args_count % 3 == 1 and -process.args_count == -4",
    'event.category == "process" and event.category != "file"',
    'process.args == "/s" and process.args : "c:\\\\*" and length(process.args) == 2',
    'source.ip == "10.0.0.1" and source.ip == "10.0.0.0/8" and source.ip != "10.0.0.2"',
    'cidrMatch(source.ip, "10.0.0.0/8") and cidrMatch(source.ip, "1.2.3.4", "192.168.0.0/16") and not cidrMatch(source.ip, "172.16.0.0/12")',
    'source.ip in ("1.2.3.4", "10.0.0.0/8") and source.ip not in ("::1", null) and source.ip in ("::FFFF:10.0.0.1")',
    'source.ip : ("192.168.0.0/16") and source.ip : "10.*" and not source.ip : ("172.*", "11.0.0.0/8")',
    "process.missing == null and process.name != null and not process.missing != null",
    "null == (process.missing > 5) and null != process.name",
  ])("%s", (condition) => {
    expect(matches(condition, process)).toBe(true);
  });
});

describe("a field without a value", () => {
  it.each<[string, boolean]>([
    ["a == 1", false],
    ["a != 1", true],
    ["not a == 1", true],
    ["a > 1", false],
    ["not a > 1", true],
    ["a in (1)", false],
    ["a not in (1)", true],
    ['a : "*"', false],
    ["a == null", true],
    ["?a == null", true],
    ["?a == ?b", true],
    ["?a != ?b", false],
    ["length(a) != 1", false],
    ["not length(a) == 1", true],
    ["length(a) == null", true],
    ['concat(a, "x") == null', true],
    ["a + 1 == null", true],
    ['startsWith(a, "x") == false', true],
    ["a and true", false],
  ])("%s: %s", (condition, expected) => {
    for (const data of [{}, { a: null }, { a: [] }]) expect(matches(condition, data)).toBe(expected);
  });
});

describe("a field with several values", () => {
  const data = { a: ["x", "y"], n: [1, 10], b: ["1", "2"], c: ["1", "x"] };

  it.each<[string, boolean]>([
    ['a == "x" and a == "y"', true],
    ['a != "x"', false],
    ['not a == "z"', true],
    ["n > 5 and n < 5", true],
    ["not n > 5", false],
    ["n + 1 == 11", true],
    ['concat(a, b) == "y1"', true],
    ['concat(a, a) == "xy"', true],
    ['a in ("y")', true],
    ["a == null", false],
    ["number(c) == null", true],
    ["number(c) != null", false],
    ["length(a) != 2", true],
  ])("%s: %s", (condition, expected) => {
    expect(matches(condition, data)).toBe(expected);
  });

  it("is refused beside others with too many", () => {
    const many = Array.from({ length: 200 }, (_, index) => String(index));
    expect(() => matches('concat(a, b) == "x"', { a: many, b: many })).toThrow("more than 10000 combinations");
    expect(matches('concat(a, b) == "00"', { a: many, b: ["0"] })).toBe(true);
  });
});

/** From Elastic's reference of functions, and what its tests say of null. */
describe("functions", () => {
  it.each<[string, string]>([
    ["add(4, 0.5)", "4.5"],
    ["add(null, 4)", "null"],
    ['between("C:\\\\Windows\\\\System32\\\\cmd.exe", "System32\\\\", ".exe")', '"cmd"'],
    ['between~("C:\\\\Windows\\\\System32\\\\cmd.exe", "system32\\\\", ".EXE")', '"cmd"'],
    ['between("a.b.c.d", ".", ".", false)', '"b"'],
    ['between("a.b.c.d", ".", ".", true)', '"b.c"'],
    ['between("abc", "x", "c")', "null"],
    ['between("abc", "b", "a", true)', "null"],
    ['between("abc", "", "")', '""'],
    ['cidrMatch("192.168.152.12", "192.168.0.0/16", "10.0.0.0/8")', "true"],
    ['cidrMatch("192.168.152.12", "10.0.0.0/8")', "false"],
    ['cidrMatch(null, "10.0.0.0/8")', "null"],
    ['concat("regsvr32.exe", " ", 42, " ", 42.5, " ", true)', '"regsvr32.exe 42 42.5 true"'],
    ['concat("a", null)', "null"],
    ["divide(4, 3)", "1"],
    ["divide(-4, 3)", "-1"],
    ["divide(0.5, 0.25)", "2"],
    ["divide(4, 0)", "null"],
    ['endsWith("regsvr32.exe", ".exe")', "true"],
    ['endsWith("regsvr32.exe", ".EXE")', "false"],
    ['endsWith~("regsvr32.exe", ".EXE")', "true"],
    ['endsWith("", "")', "true"],
    ['endsWith("", null)', "null"],
    ['indexOf("subdomain.example.com", ".")', "9"],
    ['indexOf("subdomain.example.com", ".", 10)', "17"],
    ['indexOf("subdomain.example.com", ".", -6)', "9"],
    ['indexOf("subdomain.example.com", "", 10)', "10"],
    ['indexOf("subdomain.example.com", ".", 30)', "null"],
    ['indexOf("subdomain.example.com", "z")', "null"],
    ['indexOf~("Subdomain", "DOM")', "3"],
    ['length("explorer.exe")', "12"],
    ["length(null)", "null"],
    ["modulo(10, -6)", "4"],
    ["modulo(-10, -6)", "-4"],
    ["multiply(0.25, 2)", "0.5"],
    ["multiply(9223372036854775807, 2)", "null"],
    ['number("1337")', "1337"],
    ['number("42.5")', "42.5"],
    ['number("0xdeadbeef")', "3735928559"],
    ['number("deadbeef", 16)', "3735928559"],
    ['number("  -1337  ")', "-1337"],
    ['number("0xdeadbeef", null)', "3735928559"],
    ['number("052403", 8)', "21763"],
    ['number("9", 8)', "null"],
    ['number("x")', "null"],
    ['number("")', "null"],
    ['startsWith("regsvr32.exe", "regsvr32")', "true"],
    ['startsWith~("REGSVR32.exe", "regsvr32")', "true"],
    ['startsWith(null, "x")', "null"],
    ["string(42)", '"42"'],
    ["string(42.5)", '"42.5"'],
    ["string(42.0)", '"42.0"'],
    ["string(12345678.0)", '"1.2345678E7"'],
    ["string(true)", '"true"'],
    ["string(null)", "null"],
    ['stringContains("start regsvr32.exe", "regsvr32")', "true"],
    ['stringContains~("start REGSVR32.exe", "regsvr32")', "true"],
    ['stringContains("", "")', "false"],
    ['substring("start regsvr32.exe", 6)', '"regsvr32.exe"'],
    ['substring("start regsvr32.exe", 6, 14)', '"regsvr32"'],
    ['substring("start regsvr32.exe", -4, -1)', '".ex"'],
    ['substring("hello world", -60, 5)', '"hello"'],
    ['substring("hello world", 0, 500)', '"hello world"'],
    ['substring("hello world", 9, 3)', '""'],
    ["subtract(1, 0.5)", "0.5"],
    ["subtract(-9223372036854775808, 1)", "null"],
  ])("%s is %s", (call, value) => {
    expect(matches(`${call} == ${value}`)).toBe(true);
    expect(matches(`${call} != ${value}`)).toBe(false);
  });

  it("take fields as they take values", () => {
    expect(matches("stringContains(command, name)", { command: "a b", name: "b" })).toBe(true);
  });
});

describe("types", () => {
  const typed = (condition: string, data: Data, fields: NonNullable<EqlOptions["fields"]>) =>
    matches(condition, data, { fields });

  it("decide how values compare", () => {
    expect(typed('v == "::1"', { v: "0:0:0:0:0:0:0:1" }, { v: "ip" })).toBe(true);
    expect(typed("v / 2 == 2", { v: "5" }, { v: "long" })).toBe(true);
    expect(typed("v / 2 == 2.5", { v: 5 }, { v: "double" })).toBe(true);
    expect(typed('v : "5"', { v: 5 }, { v: "keyword" })).toBe(true);
    expect(typed("v", { v: "true" }, { v: "boolean" })).toBe(true);
  });

  it("leave out what they do not index", () => {
    expect(typed("v == null", { v: "x".repeat(1025) }, { v: "keyword" })).toBe(true);
    expect(typed("v == null", { v: "nobody" }, { v: "ip" })).toBe(true);
    expect(typed("w == null", { w: 1 }, { v: "ip" })).toBe(true);
  });
});

it("the category of an event is the value of a field", () => {
  const one = compileEql("process where true");
  const other = compileEql("process where true", { category: "event_type" });
  if (one.type !== "event" || other.type !== "event") throw new Error("queries of events");
  expect(one.matches(process)).toBe(true);
  expect(one.matches({ event: { category: "Process" } })).toBe(false);
  expect(one.matches({})).toBe(false);
  expect(other.matches({ event_type: "process" })).toBe(true);
});

it("a key that every object inherits is a field like any other", () => {
  const data = JSON.parse('{ "__proto__": { "x": "y" }, "constructor": "z" }') as Data;
  expect(matches('`__proto__`.x == "y" and constructor : "Z" and toString == null', data)).toBe(true);
});

it("long texts take time in proportion to their length", () => {
  const long = `${"a".repeat(1_000_000)}b`;
  const part = `${"a".repeat(10_000)}c`;
  const data = { long, part };
  expect(matches('long : "*a*a*a*a*b" and long like "?*?*?*?*b" and long regex "(a|aa)*(a*)*b"', data)).toBe(true);
  expect(matches("stringContains(long, part) or indexOf(long, part) > 0 or endsWith(long, part)", data)).toBe(false);
  expect(matches('between(long, part, part, true) == null and between(long, "a", part, true) == null', data)).toBe(
    true,
  );
});

it("a text does not grow without a bound", () => {
  const inputs = Array.from({ length: 100 }, () => "a").join(", ");
  expect(matches(`concat(${inputs}) == null`, { a: "x".repeat(1_000_000) })).toBe(true);
  expect(matches(`length(concat(${inputs})) == 1000`, { a: "x".repeat(10) })).toBe(true);
});
