import fc from "fast-check";
import { expect, it } from "vitest";
import { RejectError } from "weir";
import { zoneOf } from "weir/formats";
import { testCodec } from "weir/testing";
import { Decoder } from "../../src/decode/decoder.ts";
import type { Event } from "../../src/event.ts";
import cri from "./cri.ts";
import csv from "./csv.ts";
import journald from "./journald.ts";
import json from "./json.ts";
import logfmt from "./logfmt.ts";
import syslog from "./syslog.ts";
import text from "./text.ts";

testCodec(text, [{ name: "text", records: ["a b", "ü"], output: [{ message: "a b" }, { message: "ü" }] }]);

testCodec(json, [
  {
    name: "objects",
    records: ['{"a":1}', "[1]", "{"],
    output: [{ a: 1 }],
    rejected: { not_json: 1, not_an_object: 1 },
  },
]);

testCodec(logfmt, [
  {
    name: "pairs",
    records: ['level=info msg="a b" ok', 'a="', "__proto__=1"],
    output: [{ level: "info", msg: "a b", ok: true }, JSON.parse('{"__proto__":"1"}')],
    rejected: { codec_error: 1 },
  },
]);

testCodec(csv, [
  {
    name: "columns, of which the last may be missing",
    config: { columns: ["source.ip", "user.name", "note"], separator: ";", quote: "'", trim: true },
    records: ["10.0.0.1; 'ada; b' ;x", "10.0.0.1;", "a;b;c;d", "'a"],
    output: [{ source: { ip: "10.0.0.1" }, user: { name: "ada; b" }, note: "x" }, { source: { ip: "10.0.0.1" } }],
    rejected: { codec_error: 2 },
  },
  {
    name: "empty values, and one field within another",
    config: { columns: ["a", "a.b", "__proto__"], separator: ",", quote: '"', trim: false, empty_value: "" },
    records: ["1,", ",", "1,2"],
    output: [],
    rejected: { codec_error: 3 },
  },
]);

const defaults = { format: "auto", timezone: zoneOf("UTC") };
const user = { priority: 13, facility: { code: 1, name: "user-level" }, severity: { code: 5, name: "Notice" } };

testCodec(syslog, [
  {
    name: "both formats",
    config: defaults,
    records: [
      "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time.",
      "<34>Oct 11 22:14:15 mymachine su[12]: 'su root' failed",
      "<999>x",
    ],
    output: [
      {
        "@timestamp": "2003-08-24T12:14:15.000Z",
        host: { name: "192.0.2.1", hostname: "192.0.2.1" },
        process: { name: "myproc", pid: 8710 },
        log: {
          syslog: {
            priority: 165,
            facility: { code: 20, name: "local4" },
            severity: { code: 5, name: "Notice" },
            version: "1",
            hostname: "192.0.2.1",
            appname: "myproc",
            procid: "8710",
          },
        },
        message: "%% It's time.",
      },
      {
        "@timestamp": "1969-10-11T22:14:15.000Z",
        host: { name: "mymachine", hostname: "mymachine" },
        process: { name: "su", pid: 12 },
        log: {
          syslog: {
            priority: 34,
            facility: { code: 4, name: "security/authorization" },
            severity: { code: 2, name: "Critical" },
            hostname: "mymachine",
            appname: "su",
            procid: "12",
          },
        },
        message: "'su root' failed",
      },
    ],
    rejected: { codec_error: 1 },
  },
  {
    name: "messages that are not well formed",
    config: defaults,
    records: ['<13>1 - web app 77 - [a b="c] hello', "<13>1 - web app 77 - hello", "<13>1 2026", "<13>", "<x>1"],
    output: [
      ...['[a b="c] hello', "hello"].map((message, index) => ({
        host: { name: "web", hostname: "web" },
        process: { name: "app", pid: 77 },
        log: { syslog: { ...user, version: "1", hostname: "web", appname: "app", procid: "77" } },
        message,
        error: {
          message: ["an element of the structured data is not closed", "the structured data are missing"][index],
        },
      })),
      { log: { syslog: user }, message: "1 2026", error: { message: "the header of RFC 5424 is not complete" } },
      { log: { syslog: user }, message: "" },
      { message: "<x>1" },
    ],
  },
  {
    name: "only RFC 5424",
    config: { ...defaults, format: "rfc5424" },
    records: ["<34>Oct 11 22:14:15 mymachine su: x", "no header"],
    output: [],
    rejected: { codec_error: 2 },
  },
  {
    name: "only RFC 3164, in a zone",
    config: { format: "rfc3164", timezone: zoneOf("+02:00") },
    records: ["Oct 11 22:14:15 mymachine su: x"],
    output: [
      {
        "@timestamp": "1969-10-11T22:14:15.000+02:00",
        host: { name: "mymachine", hostname: "mymachine" },
        process: { name: "su" },
        log: { syslog: { hostname: "mymachine", appname: "su" } },
        message: "x",
      },
    ],
  },
]);

const at = "2026-01-02T03:04:05.123456789Z";

testCodec(cri, [
  {
    name: "lines",
    records: [`${at} stdout F a b`, `${at} stderr F`, "no line"],
    output: [
      { "@timestamp": at, stream: "stdout", message: "a b" },
      { "@timestamp": at, stream: "stderr", message: "" },
    ],
    rejected: { codec_error: 1 },
  },
  {
    name: "a part whose rest is missing",
    records: [`${at} stdout P a b`],
    output: [{ "@timestamp": at, stream: "stdout", message: "a b", log: { flags: ["truncated"] } }],
  },
]);

it("json and text are what the host reads itself", () => {
  const record = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
    fc.string(),
  );
  fc.assert(
    fc.property(record, (written) => {
      for (const plugin of [json, text]) {
        const outcomes: unknown[] = [];
        const handlers = {
          event: ({ data }: Event) => void outcomes.push(data),
          failure: ({ reason }: { readonly reason: string }) => void outcomes.push(reason),
        };
        const decoder = new Decoder("in", "s", {
          codec: plugin.name as "json" | "text",
          framing: "whole",
          maxLine: 1e6,
          encoding: "utf-8",
        });
        decoder.push(Buffer.from(written), 0, 0, handlers);
        decoder.end(0, handlers);
        if (written === "" || written.startsWith("\ufeff")) return;
        let own: unknown;
        try {
          own = plugin.decode?.({ config: {} })(Buffer.from(written).toString(), Buffer.from(written), 0);
        } catch (error) {
          own = error instanceof RejectError ? error.reason : error;
        }
        expect(JSON.stringify(outcomes)).toBe(JSON.stringify([own]));
      }
    }),
  );
});

testCodec(journald, [
  {
    name: "entries of the journal",
    config: {},
    records: [
      JSON.stringify({
        __CURSOR: "s=1",
        __REALTIME_TIMESTAMP: "1767225600000002",
        _SOURCE_REALTIME_TIMESTAMP: "1767225600000001",
        MESSAGE: "hello",
        PRIORITY: "3",
        SYSLOG_FACILITY: "4",
        SYSLOG_IDENTIFIER: "app",
        _PID: "77",
        _COMM: "app-bin",
        _UID: "0",
        _HOSTNAME: "web",
        _SYSTEMD_UNIT: "app.service",
        CODE_LINE: "12",
        _AUDIT_LOGINUID: ["0", [0x61, 0xff]],
      }),
      '{"MESSAGE":[226,130,172],"PRIORITY":"9"}',
      '{"MESSAGE":null}',
      "[]",
    ],
    output: [
      {
        "@timestamp": "2026-01-01T00:00:00.000001Z",
        message: "hello",
        host: { name: "web", hostname: "web" },
        process: { name: "app-bin", pid: 77 },
        user: { id: "0" },
        log: {
          syslog: {
            priority: 35,
            facility: { code: 4, name: "security/authorization" },
            severity: { code: 3, name: "Error" },
            appname: "app",
          },
          origin: { file: { line: 12 } },
        },
        systemd: { unit: "app.service" },
        journald: { audit_loginuid: ["0", "a\ufffd"] },
      },
      { message: "€" },
      {},
    ],
    rejected: { not_an_object: 1 },
  },
]);
