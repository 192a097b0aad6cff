import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, parseCri, parseCsv, parseLogfmt, parseSyslog, syslogTime, utc } from "./index.ts";

const anyText = fc.string({ unit: "grapheme", maxLength: 20 });
const key = fc.string({
  unit: fc.constantFrom("a", "b", "ü", ".", "-", "_", "1", "'", "\\"),
  minLength: 1,
  maxLength: 5,
});

describe("logfmt", () => {
  it("reads what was written", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, fc.option(anyText)), { selector: ([name]) => name }), (pairs) => {
        const text = pairs
          .map(([name, value]) => (value === null ? name : `${name}=${JSON.stringify(value)}`))
          .join(" ");
        expect(parseLogfmt(text)).toEqual(Object.fromEntries(pairs.map(([name, value]) => [name, value ?? true])));
      }),
    );
  });

  it.each([
    ['level=info msg="a \\"b\\"" took=1.5ms done', { level: "info", msg: 'a "b"', took: "1.5ms", done: true }],
    ["a= b=", { a: "", b: "" }],
    ["a=1 a=2 b", { a: ["1", "2"], b: true }],
    ["  a=b=c  ", { a: "b=c" }],
    ['path="C:\\dir"', { path: "C:\\dir" }],
    ["", {}],
    ["__proto__=1", JSON.parse('{"__proto__":"1"}')],
  ])("reads %j", (text, wanted) => expect(parseLogfmt(text)).toEqual(wanted));

  it.each([
    ['a="x', "the quote at character 3 is not closed"],
    ["=x", "a key is missing at character 1"],
    ['a"b=1', 'there is a quote in the key "a"'],
    ["a ".repeat(10_001), "more than 10000 pairs"],
  ])("refuses %j", (text, message) => expect(() => parseLogfmt(text)).toThrow(message));
});

describe("csv", () => {
  const options = { separator: ",", quote: '"' };
  it("reads what was written", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), fc.constantFrom(",", ";", "\t", "|"), (values, separator) => {
        const text = values.map((value) => `"${value.replaceAll('"', '""')}"`).join(separator);
        expect(parseCsv(text, { separator, quote: '"' })).toEqual(values);
      }),
    );
  });

  it.each<[text: string, values: string[]]>([
    ["a,b,,d", ["a", "b", "", "d"]],
    ['a,"b,c",d', ["a", "b,c", "d"]],
    ['"a ""b"""', ['a "b"']],
    ["", [""]],
    ["a,", ["a", ""]],
    ["a'b,c", ["a'b", "c"]],
  ])("reads %j", (text, values) => expect(parseCsv(text, options)).toEqual(values));

  it("removes white space if asked to", () => {
    expect(parseCsv(' a , " b " , c', { ...options, trim: true })).toEqual(["a", " b ", "c"]);
  });

  it.each([
    ['"a', "the quote at character 1 is not closed"],
    ['"a"b,c', "something follows the quotes at character 4"],
    [",".repeat(10_000), "more than 10000 values"],
  ])("refuses %j", (text, message) => expect(() => parseCsv(text, options)).toThrow(message));
});

describe("syslog", () => {
  it("reads the examples of RFC 5424", () => {
    expect(
      parseSyslog(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
      ),
    ).toEqual({
      timestamp: "2003-10-11T22:14:15.003Z",
      message: "'su root' failed for lonvick on /dev/pts/8",
      syslog: {
        priority: 34,
        facility: { code: 4, name: "security/authorization" },
        severity: { code: 2, name: "Critical" },
        version: "1",
        hostname: "mymachine.example.com",
        appname: "su",
        msgid: "ID47",
      },
    });
    const { syslog, message } = parseSyslog(
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"]',
    );
    expect(syslog["structured_data"]).toEqual({
      "exampleSDID@32473": { iut: "3", eventSource: "Application" },
      "examplePriority@32473": { class: "high" },
    });
    expect(message).toBe("");
  });

  it("reads what RFC 3164 describes, and lines of files", () => {
    expect(parseSyslog("<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed")).toMatchObject({
      timestamp: "Oct 11 22:14:15",
      message: "'su root' failed",
      syslog: { priority: 34, hostname: "mymachine", appname: "su", procid: "12" },
    });
    expect(parseSyslog("2026-01-02T03:04:05.678+01:00 host cron: done")).toEqual({
      timestamp: "2026-01-02T03:04:05.678+01:00",
      message: "done",
      syslog: { hostname: "host", appname: "cron" },
    });
    expect(parseSyslog("Jan  2 03:04:05 host last message repeated 3 times").message).toBe(
      "last message repeated 3 times",
    );
    expect(parseSyslog("nothing of it")).toEqual({ timestamp: undefined, message: "nothing of it", syslog: {} });
  });

  it.each([
    ["<13>Jan  2 03:04:05 su[12]: no host", { appname: "su", procid: "12" }, "no host"],
    ["<13>Jan  2 03:04:05 su: no host", { appname: "su" }, "no host"],
    ["<13>Jan  2 03:04:05 web su: a: b", { hostname: "web", appname: "su" }, "a: b"],
    ["<13>Jan  2 03:04:05 web", { hostname: "web" }, ""],
    ["<13>Jan  2 03:04:05 fe80::1 su: x", { hostname: "fe80::1", appname: "su" }, "x"],
    ["<13>Jan 2 03:04:05.678 web su: x", { hostname: "web", appname: "su" }, "x"],
    ["<13>Jan 02 2026 03:04:05: %ASA-6-302013: x", { appname: "%ASA-6-302013" }, "x"],
    ["<13>Jan 02 2026 03:04:05 fw : %ASA-6-302013: x", { hostname: "fw", appname: "%ASA-6-302013" }, "x"],
  ])("reads what devices and programs write, too: %j", (text, syslog, message) => {
    const found = parseSyslog(text);
    expect(found).toMatchObject({ message, syslog });
    const time = syslogTime(found, { zone: utc, now: Date.UTC(2026, 5, 1) });
    expect(time).toBe("2026-01-02T03:04:05.000Z");
  });

  it("reads structured data as they were written", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "@", "1"), minLength: 1, maxLength: 5 });
    const values = fc.uniqueArray(fc.tuple(name, anyText), { selector: ([one]) => one, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, values), { selector: ([one]) => one, minLength: 1, maxLength: 3 }),
        anyText,
        (elements, message) => {
          const escaped = (text: string) => text.replace(/["\\\]]/g, "\\$&");
          const data = elements
            .map(([id, all]) => `[${[id, ...all.map(([one, value]) => `${one}="${escaped(value)}"`)].join(" ")}]`)
            .join("");
          const found = parseSyslog(`<1>1 - h a p m ${data} ${message}`);
          expect(found.syslog["structured_data"]).toEqual(
            Object.fromEntries(elements.map(([id, all]) => [id, Object.fromEntries(all)])),
          );
          expect(found.message).toBe(message.replace(/^\ufeff/, ""));
        },
      ),
    );
  });

  it.each([
    ["<192>x", "the priority is 192"],
    ["<1>1 - h a p", "the header of RFC 5424 is not complete"],
    ["<1>1 - h a p m x", "the structured data are missing"],
    ["<1>1 - h a p m [a b=c]", "is not in quotes"],
    ['<1>1 - h a p m [a b="c"', "is not closed"],
    ["<1>1 - h a p m [a", "the structured data are not closed"],
  ])("refuses %j", (text, message) => {
    expect(() => parseSyslog(text)).toThrow(FormatError);
    expect(() => parseSyslog(text)).toThrow(message);
  });
});

describe("cri", () => {
  it.each([
    [
      "2016-10-06T00:17:09.669794202Z stdout F log content 1",
      { timestamp: "2016-10-06T00:17:09.669794202Z", stream: "stdout", isPartial: false, message: "log content 1" },
    ],
    [
      "2016-10-06T00:17:09Z stderr P part ",
      { timestamp: "2016-10-06T00:17:09Z", stream: "stderr", isPartial: true, message: "part " },
    ],
    [
      "2016-10-06T00:17:09Z stdout F",
      { timestamp: "2016-10-06T00:17:09Z", stream: "stdout", isPartial: false, message: "" },
    ],
    [
      "2016-10-06T00:17:09Z stdout F ",
      { timestamp: "2016-10-06T00:17:09Z", stream: "stdout", isPartial: false, message: "" },
    ],
  ])("reads %j", (text, wanted) => expect(parseCri(text)).toEqual(wanted));

  it.each(["", "hello", "2016-10-06 stdout F x", "2016-10-06T00:17:09Z stdin F x"])("refuses %j", (text) =>
    expect(() => parseCri(text)).toThrow(FormatError),
  );
});

it("takes linear time for lines of a megabyte", () => {
  const texts = ["a=", '"', "[", "a ", '\\"', "<1>1 - h a p m [", ","].map((part) => part.repeat(500_000));
  for (const text of texts)
    for (const parse of [
      parseLogfmt,
      parseSyslog,
      parseCri,
      (one: string) => parseCsv(one, { separator: ",", quote: '"' }),
    ])
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
});
