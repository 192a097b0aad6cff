import { afterEach, describe, expect, it } from "vitest";
import type { Data } from "weir";
import { ExactNumber } from "weir/fields";
import { maxDepth } from "../../src/json.ts";
import { soundData } from "../../src/sound-data.ts";
import { frozen } from "../../src/testing/event.ts";
import { atTheEnd, runOver, type Written } from "./support.ts";

const megabyte = 1024 * 1024;
const deep = (levels: number, inner: unknown): unknown => {
  let value = inner;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Values that a field may have when somebody means harm. */
const values: Readonly<Record<string, unknown>> = {
  nothing: null,
  empty: "",
  "one letter": "a".repeat(megabyte),
  digits: "1".repeat(megabyte),
  "digits and a letter": `${"1".repeat(megabyte)}x`,
  spaces: " ".repeat(megabyte),
  quotes: '"'.repeat(megabyte),
  "pairs without end": "a=1 ".repeat(megabyte / 4),
  "the same pair": `${"__proto__=1 constructor=2 ".repeat(300)}`,
  separators: ",".repeat(megabyte),
  dots: `http://${"a.".repeat(megabyte / 2)}/`,
  "an address without end": "1.".repeat(megabyte / 2),
  brackets: "[".repeat(megabyte),
  "deep JSON": `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
  "JSON with evil keys":
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"big":12345678901234567890}',
  nul: "a\u0000b\u0000=c",
  "a lone surrogate": "\ud800 a=\udfff",
  "a large integer": new ExactNumber("123456789012345678901234567890"),
  "a large fraction": new ExactNumber("0.1000000000000000055511151231257827"),
  "beyond doubles": new ExactNumber("1e400"),
  "an array": ["a", 1, null, { b: [] }],
  "a long array": Array.from({ length: 100_000 }, (_, index) => index),
  "an object": { a: { b: 1 }, __proto__: null },
  "deep values": deep(maxDepth - 2, "x"),
};

const events = Object.entries(values).map(([name, value]): [name: string, data: Data] => [
  name,
  frozen({ message: value, other: "o", tags: ["t"] }),
]);

const many: Data = frozen({
  message: "x",
  ...Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}.a`, index])),
});
const evil: Data = frozen(
  JSON.parse('{"message":"a=1","__proto__":{"message":"b","polluted":1},"constructor":{"name":"c"},"toString":"d"}'),
);
/** A name of half a megabyte for each of many leaves. */
const names: Data = frozen({
  message: Array.from({ length: 500 }).reduce<unknown>(
    (inner) => ({ ["n".repeat(1000)]: inner }),
    Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`${index}`, 1])),
  ),
});
const all: readonly [name: string, data: Data][] = [
  ...events,
  ["ten thousand keys", many],
  ["evil keys", evil],
  ["long names", names],
];

const remap = (name: string, options: unknown): Written => ({ type: "remap", steps: [{ [name]: options }] });
const m = { field: "message" };

type Named = readonly [name: string, written: Written, outputs?: readonly string[]];

const transforms: readonly Named[] = [
  ["grok", remap("grok", { ...m, patterns: ["%{COMBINEDAPACHELOG}", "%{SYSLOGLINE}", "%{URI:u} %{IP:i:int}"] })],
  ["dissect", remap("dissect", { ...m, pattern: "%{a->} %{*k}=%{&k} %{+a/1}" })],
  ["kv", remap("kv", { ...m, field_split: "[ ,]", value_split: "=", strip_brackets: true, trim_key: " a" })],
  ["kv with a target", remap("kv", { ...m, field_split: "\\s", value_split: "=", target: "t" })],
  ["logfmt", remap("logfmt", {})],
  ["csv", remap("csv", { target_fields: ["a", "b.c"], trim: true })],
  ["json", remap("json", m)],
  ["json into the root", remap("json", { ...m, add_to_root: true, add_to_root_conflict_strategy: "merge" })],
  ["regex", remap("regex", { ...m, pattern: "(?<x>(?:a*)*)b(?<y>.*)$" })],
  ["syslog", remap("syslog", {})],
  ["cri", remap("cri", {})],
  ["url", remap("url", m)],
  [
    "date",
    remap("date", { ...m, formats: ["ISO8601", "UNIX", "UNIX_MS", "TAI64N", "EEEE MMMM d HH:mm:ss.SSS zzz yyyy"] }),
  ],
  ...["integer", "long", "float", "double", "boolean", "string", "ip", "auto"].map(
    (type): Named => [`convert to ${type}`, remap("convert", { message: type })],
  ),
  ["set", remap("set", { "message.a.b": "{{ message }}", c: { cel: "message" } })],
  ["cel over texts", remap("set", { a: { cel: "double(message) + double(size(message.trim()))" } })],
  ["cel over durations", remap("set", { a: { cel: "duration(message)" } })],
  ["cel over lists", remap("set", { a: { cel: "message.map(x, message)" } })],
  ["cel over members", remap("set", { a: { cel: "message.filter(x, x in tags)" } })],
  ["copy", remap("copy", { message: "message.copy" })],
  ["rename", remap("rename", { message: "other.message" })],
  ["remove", remap("remove", ["message.0", "key1.a", "__proto__"])],
  ["keep", remap("keep", ["message", "__proto__.polluted"])],
  ["append", remap("append", { message: ["{{ other }}", 1] })],
  ["split", remap("split", { ...m, separator: "" })],
  ["split at each", remap("split", { ...m, separator: "[ ,=]", preserve_trailing: true })],
  ["join", remap("join", { ...m, separator: "-" })],
  ["gsub", remap("gsub", { ...m, pattern: "(a*)*(,|$)", replacement: "$1$2$0" })],
  ["gsub of nothing", remap("gsub", { ...m, pattern: "(?=(.*))", replacement: "$1" })],
  ["lowercase", remap("lowercase", ["message"])],
  ["trim", remap("trim", ["message"])],
  ["flatten", remap("flatten", m)],
  ["hash", remap("hash", { fields: ["message", "other"], key: "secret" })],
  ["drop", remap("drop", { where: "message: *a*" })],
  ["route", { type: "route", routes: { a: "message: a*" } }, ["shape.a", "shape.unmatched"]],
  ["sample", { type: "sample", share: "50%", by: ["message"] }],
  ["throttle", { type: "throttle", limit: 1, by: ["message"], summary: true }],
  ["dedupe", { type: "dedupe", fields: ["message"] }],
  [
    "aggregate",
    {
      type: "aggregate",
      by: ["other"],
      window: "1m",
      slide: "30s",
      values: {
        a: "distinct(message)",
        b: "values(message)",
        c: "percentile(message, 99)",
        d: "sum(message)",
        e: "first(message)",
        f: "max(message)",
      },
    },
  ],
  ["aggregate by it", { type: "aggregate", by: ["message"], values: { n: "count" } }],
  ["reduce", { type: "reduce", by: ["other"], merge: { message: "concat" } }],
  ["reduce by it", { type: "reduce", by: ["message"], merge: { other: "distinct", tags: "list" } }],
  [
    "redact",
    {
      type: "redact",
      fields: ["message.a", "users.x"],
      keys: ["__proto__", "A"],
      patterns: ["bearer_token", "basic_auth", "jwt", "credit_card", "email", "url_password", "private_key"],
      own_patterns: ["(a*)*x"],
    },
  ],
];

afterEach(() => {
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

/** In a short run, each transform gets every sixth event, and the next transform those after them. */
const eventsFor = (index: number) => (process.env["WEIR_LONG"] ? all : all.filter((_, at) => at % 6 === index % 6));

describe.each(transforms.map(([name, written, outputs = ["shape"]], index) => ({ name, written, outputs, index })))(
  "$name",
  ({ written, outputs, index }) => {
    it.each(eventsFor(index))("accounts for an event with %s", (_name, data) => {
      const before = Object.keys(data);
      const sent = runOver(written, [data, data], outputs);
      const passed = [...sent.events, ...[...(sent.to?.values() ?? [])].flat()];
      for (const event of passed) {
        expect(soundData(event.data)).toBeUndefined();
        expect(JSON.stringify(event.data).length).toBeLessThan(JSON.stringify(data).length * 8 + 10_000);
      }
      for (const { message } of sent.rejected) {
        expect(message).not.toMatch(/stack|undefined|is not a function|Invalid string length|\[object/);
        expect(message.length).toBeLessThan(1000);
      }
      const counted = Object.values({ ...sent.consumed, ...sent.dropped }).reduce((sum, count) => sum + count, 0);
      expect(passed.length + sent.rejected.length + counted).toBeGreaterThanOrEqual(2);
      expect(Object.keys(data)).toEqual(before);
    });
  },
);

/** Of these, the results come when a window or a group ends. */
const late = transforms.flatMap(([name, written], index) =>
  ["aggregate", "reduce", "throttle"].includes(String(written["type"])) ? [{ name, written, index }] : [],
);

describe.each(late)("$name, at the end,", ({ written, index }) => {
  it.each(eventsFor(index + 3))("sends only what JSON has, after an event with %s", (_name, data) => {
    for (const revealed of atTheEnd(written, [data, data])) {
      expect(soundData(revealed)).toBeUndefined();
      expect(JSON.stringify(revealed).length).toBeLessThan(JSON.stringify(data).length * 8 + 10_000);
    }
  });
});
