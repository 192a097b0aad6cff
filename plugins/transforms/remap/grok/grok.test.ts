import { expect, it } from "vitest";
import { ExactNumber } from "weir/fields";
import { OptionError } from "weir/transform";
import { Grok } from "./grok.ts";
import { patterns } from "./library/patterns.ts";

const captured = (expression: string, text: string, own?: Record<string, string>) => {
  const found: [string, unknown][] = [];
  const isFound = new Grok([expression], String, own).match(text, (field, value) => found.push([field, value]));
  return isFound ? Object.fromEntries(found) : undefined;
};

it.each(Object.keys(patterns))("compiles %s", (name) => {
  expect(() => new Grok([`%{${name}}`], String)).not.toThrow();
});

const access =
  '83.149.9.216 - frank [17/May/2015:10:05:03 +0000] "GET /a.png?b=1 HTTP/1.1" 200 203023 "http://example.org/" "Mozilla/5.0 (X11)"';

it.each<[expression: string, text: string, wanted: object | undefined]>([
  // From the documentation of Elasticsearch's grok processor.
  [
    "%{IP:client} %{WORD:method} %{URIPATHPARAM:request} %{NUMBER:bytes:int} %{NUMBER:duration:double}",
    "55.3.244.1 GET /index.html 15824 0.043",
    { client: "55.3.244.1", method: "GET", request: "/index.html", bytes: 15824, duration: 0.043 },
  ],
  [
    "%{COMBINEDAPACHELOG}",
    access,
    {
      clientip: "83.149.9.216",
      ident: "-",
      auth: "frank",
      timestamp: "17/May/2015:10:05:03 +0000",
      verb: "GET",
      request: "/a.png?b=1",
      httpversion: "1.1",
      response: "200",
      bytes: "203023",
      referrer: '"http://example.org/"',
      agent: '"Mozilla/5.0 (X11)"',
    },
  ],
  [
    "%{SYSLOGLINE}",
    "Mar 16 00:01:25 evita postfix/smtpd[1713]: connect from camomile.cloud9.net[168.100.1.3]",
    {
      timestamp: "Mar 16 00:01:25",
      logsource: "evita",
      program: "postfix/smtpd",
      pid: "1713",
      message: "connect from camomile.cloud9.net[168.100.1.3]",
    },
  ],
  [
    "%{TIMESTAMP_ISO8601:time} %{LOGLEVEL:level}",
    "2026-01-02T03:04:05.678Z WARN x",
    { time: "2026-01-02T03:04:05.678Z", level: "WARN" },
  ],
  ["^%{IPV6:ip}$", "fe80::1ff:fe23:4567:890a%eth2", { ip: "fe80::1ff:fe23:4567:890a%eth2" }],
  ["^%{IP:ip}$", "::ffff:10.0.0.1", { ip: "::ffff:10.0.0.1" }],
  ["^%{IP:ip}$", "1:2:3:4:5:6:7:8", { ip: "1:2:3:4:5:6:7:8" }],
  ["^%{IP:ip}$", "::", { ip: "::" }],
  ["^%{IP:ip}$", "256.1.1.1", undefined],
  ["^%{IP:ip}$", "1:2:3", undefined],
  [
    "%{URI:uri}",
    "see https://user:pw@example.org:8080/a?b=c",
    { uri: "https://user:pw@example.org:8080/a?b=c", port: "8080" },
  ],
  ["%{QS:text}", 'say "a \\" b" now', { text: '"a \\" b"' }],
  ["%{UUID:id}", "id 5f0c2a5e-0000-4000-8000-000000000001", { id: "5f0c2a5e-0000-4000-8000-000000000001" }],
  ["(?<queue>[A-F0-9]+): %{GREEDYDATA:rest}", "BEF25A72965: message", { queue: "BEF25A72965", rest: "message" }],
  ["%{NUMBER:[a][b]:float} %{WORD:c.d}", "1.5 x", { "a.b": 1.5, "c.d": "x" }],
  ["%{WORD:a}|%{INT:a}", "-5", { a: "-5" }],
  ["%{NUMBER:n:int}", "1.9", { n: 1 }],
  ["%{NUMBER:n:long}", "9223372036854775807", { n: new ExactNumber("9223372036854775807") }],
  ["%{GREEDYDATA:a}", "", { a: "" }],
  ["%{INT:a}-%{INT:a}", "1-2", { a: "1" }],
  ["%{WORD:a:boolean}", "TRUE", { a: true }],
  ["%{LOGLEVEL:a} ", "WAR x", { a: "WAR" }],
])("%s on %j", (expression, text, wanted) => {
  expect(captured(expression, text)).toEqual(wanted);
});

it("takes own patterns before those of the library", () => {
  expect(captured("%{WORD:a} %{PET:b}", "a-b cat", { WORD: "[a-z-]+", PET: "cat|dog" })).toEqual({
    a: "a-b",
    b: "cat",
  });
});

it.each([
  ["%{NOPE:a}", {}, 'there is no pattern "NOPE"'],
  ["%{ip:a}", {}, 'there is no pattern "ip"'],
  ["%{A}", { A: "%{B}", B: "x%{A}" }, 'the pattern "A" contains itself'],
  ["%{NUMBER:a:decimal}", {}, '"decimal" is no type of grok'],
  ["(%{WORD:a}", {}, "this `(` has no `)`"],
  ["%{A}", { A: "%{B}".repeat(100), B: "%{C}".repeat(100), C: "x".repeat(100) }, "an expression of more than"],
])("refuses %s", (expression, own, message) => {
  expect(() => new Grok([expression], String, own as Record<string, string>)).toThrow(OptionError);
  expect(() => new Grok([expression], String, own as Record<string, string>)).toThrow(message);
});

it.each([
  ["%{COMBINDAPACHELOG}", {}, 'Did you mean "COMBINEDAPACHELOG"?'],
  ["%{ip:a}", {}, 'Did you mean "IP"?'],
  ["%{PTE:a}", { PET: "cat" }, 'Did you mean "PET"?'],
  ["%{XYZZYXYZZY:a}", {}, undefined],
])("says what %s is meant to be", (expression, own, hint) => {
  expect(() => new Grok([expression], String, own as Record<string, string>)).toThrow(
    expect.objectContaining({ hint }),
  );
});

it("takes linear time for a text of a megabyte", () => {
  const grok = new Grok(["%{COMBINEDAPACHELOG}", "%{SYSLOGLINE}"], String);
  for (const part of ["1.", "a.", "a ", '"', "1:", "\\"]) grok.match(part.repeat(500_000), () => undefined);
});

it.each([
  ["ab %{WORD:a} %{NOPE:b}", 13],
  ["ab %{WORD:a} [x", 13],
  ["%{WORD:a}%{INT}(x", 15],
  ["ab (%{WORD:a} x", 3],
  ["%{WORD:a} %{WORD", 10],
  ["%{WORD:a:int:x}", 0],
])("says where in %s it is wrong", (expression, offset) => {
  expect(() => new Grok([expression], String)).toThrow(expect.objectContaining({ path: ["patterns", 0], offset }));
  const own = expect.objectContaining({ path: ["pattern_definitions", "MINE"], offset });
  expect(() => new Grok(["%{MINE}"], String, { MINE: expression })).toThrow(own);
});

it("takes escaped braces for what they are", () => {
  expect(captured("100%\\{%{INT:a}\\}", "100%{7}")).toEqual({ a: "7" });
});
