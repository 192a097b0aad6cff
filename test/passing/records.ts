import fc from "fast-check";
import type { Data } from "weir";
import { auditEvent } from "../../plugins/sources/demo/generate.ts";
import { mutated } from "../fuzz/mutation.ts";
import { events } from "../kubernetes-audit/events.ts";
import { variants } from "../kubernetes-audit/verdicts.ts";
import type { Sent } from "./sent.ts";

const plain: readonly Data[] = [
  ...Array.from({ length: 60 }, (_, index): Data => JSON.parse(auditEvent(index, 5))),
  ...events.flatMap(variants),
];

/** JSON text in which some names and values are written with escapes. */
const escaped = (text: string, at: number): string =>
  text.replace(/[a-zA-Z]/g, (letter, offset: number) =>
    (offset + at) % 17 === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}` : letter,
  );

/** The text of an object with more members in front, behind or both: names may repeat. */
const withMember = (data: Data, name: string, value: unknown, isFirst: boolean): string => {
  const inner = JSON.stringify(data).slice(1, -1);
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return `{${isFirst ? member : inner}${inner === "" ? "" : ","}${isFirst ? inner : member}}`;
};

const names = [
  ...["verb", "auditID", "objectRef", "user", "userAgent", "sourceIPs", "annotations", "kind", "items", "level"],
  ...["objectRef.resource", "user.username", "time", "stream", "log", "message", "kubernetes", "@timestamp", "event"],
  ...["responseStatus", "requestObject", "", "__proto__", "labels", "host", "date", "odd"],
  ...["process", "process.name", "user_agent", "user_agent.original", "source", "orchestrator", "data_stream"],
  ...["host.name", "k8s_audit_level", "kubernetes.audit.verb", "cluster", "event.action"],
];

const value = fc.oneof(
  fc.constantFrom<unknown>("get", "list", "secrets", "", null, true, 7, [], {}, ["get"], [{ resource: "secrets" }]),
  fc.constantFrom<unknown>(
    { resource: "secrets" },
    { "resource.x": 1 },
    { resource: ["secrets", 1] },
    { resource: { a: 1 } },
    '{"resource":"secrets"}',
    { username: "ada", uid: ["1"] },
    { name: "x", original: "x", ip: "203.0.113.7", resource: { type: "secrets" } },
    ["10.0.0.1"],
  ),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What shippers merge with the members of an event. */
const shipped: fc.Arbitrary<Data> = fc.record(
  {
    date: fc.constantFrom<unknown>(1772438400.25, "2026-03-02T08:00:00Z", null, [], 0),
    time: fc.constantFrom<unknown>("2026-03-02T08:00:00Z", "yesterday"),
    stream: fc.constantFrom<unknown>("stdout", ["stderr"]),
    cluster: fc.constantFrom<unknown>("prod", { name: "prod" }),
    hostname: fc.constant("cp-1"),
    "@timestamp": fc.constant("2026-03-02T08:00:00Z"),
    log: fc.constantFrom<unknown>("{}", { file: { path: "/x" } }),
    message: fc.constantFrom<unknown>("{}", ""),
    process: fc.constant({ name: "x" }),
    "process.name": fc.constant("x"),
    "event.action": fc.constant("x"),
    user_agent: fc.constant({ original: "x" }),
    source: fc.constant({ ip: "203.0.113.7" }),
    orchestrator: fc.constant({ resource: { type: "secrets" } }),
    items: fc.constant([]),
  },
  { requiredKeys: [] },
);

/** Some of the members of a record. */
const someOf = (data: Data, names: readonly string[]): Data =>
  Object.fromEntries(Object.entries(data).filter(([name]) => names.includes(name)));

/** What a container runtime writes before a line, and what only looks like it. */
const prefix = fc.constantFrom(
  ...["2026-05-06T07:00:01.123456789Z stdout F ", "2026-05-06T07:00:01+02:00 stderr F ", "yesterday stdout F "],
  ...["2026-05-06T07:00:01Z stdout P ", "2026-05-06T07:00:01Z stdout F:x ", "1 stdout F  ", "1 stdlog F ", "stdout F "],
  ...[`${"x".repeat(64)} stdout F `, `${"x".repeat(65)} stdout F `, "é stdout F "],
);

/** A record as a text in another. */
const text: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...plain), prefix, fc.constantFrom("", "", "\n", " \r\n", "x"), fc.nat({ max: 11 }))
  .map(([data, before, after, kind]) => {
    const record =
      kind === 0 ? escaped(JSON.stringify(data), 3) : JSON.stringify(kind === 1 ? { date: 1, ...data } : data);
    if (kind === 2) return `${before}${record}${after}`;
    if (kind === 3) return JSON.stringify({ log: record });
    return kind === 4 ? `\u00e9${record}` : `${kind === 5 ? "\ufeff\n" : ""}${record}${after}`;
  });

/** Audit events that the rule of the headline does not want. */
export const unwanted: readonly Data[] = plain.filter(({ verb }) => verb === "update");

/** Two fields with so many values are more than a condition of EQL combines. */
export const manyTexts = Array.from({ length: 101 }, (_, number) => `t${number}`);
const lengthened = ["one", "other", "userAgent"];

/** Records as an audit log has them, and damaged, odd and hostile ones. Each is a line without its line feed. */
const line: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...plain).map((data) => Buffer.from(JSON.stringify(data))) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...plain)
      .map((data) => Buffer.from(JSON.stringify(data, null, 1).replaceAll("\n", " "))),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...plain), fc.constantFrom(...names), value, fc.boolean())
      .map(([data, name, own, isFirst]) => Buffer.from(withMember(data, name, own, isFirst))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...plain), fc.constantFrom(...names), value)
      .map(([data, name, own]) => Buffer.from(JSON.stringify({ ...data, [name]: own }))),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.tuple(shipped, shipped), fc.constantFrom(...plain), fc.nat({ max: 3 }))
      .map(([[one, other], data, kind]) => {
        // Few members that are in both, and an event with few members of its own.
        const around = someOf(one, Object.keys(other));
        const event = kind < 2 ? data : someOf(data, ["auditID", "verb", "stage"]);
        return Buffer.from(JSON.stringify(kind % 2 ? { ...around, ...event } : { ...event, ...around }));
      }),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.tuple(shipped, shipped), text, fc.constantFrom("log", "log", "log", "message", "verb"), fc.boolean())
      .map(([[one, other], inside, name, isFirst]) => {
        const around = someOf(one, Object.keys(other));
        return Buffer.from(JSON.stringify(isFirst ? { [name]: inside, ...around } : { ...around, [name]: inside }));
      }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...plain), fc.nat({ max: 16 }))
      .map(([data, at]) => Buffer.from(escaped(JSON.stringify(data), at))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(prefix, fc.constantFrom(...plain), fc.constantFrom("", "", "", " ", "x"))
      .map(([before, data, after]) => Buffer.from(`${before}${JSON.stringify(data)}${after}`)),
  },
  {
    weight: 3,
    arbitrary: mutated(
      plain.map((data) => JSON.stringify(data)),
      { maxEdits: 2 },
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...plain), fc.subarray(lengthened, { minLength: 2 }))
      .map(([data, names]) =>
        Buffer.from(JSON.stringify({ ...data, ...Object.fromEntries(names.map((name) => [name, manyTexts])) })),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["", "\r", " ", "null", "7", "[]", "{}", "\ufeff{}", '{"verb":"get"}', "\0".repeat(20), "\0", "not json"].map(
        (text) => Buffer.from(text),
      ),
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
      Buffer.from("[".repeat(100) + "]".repeat(100)),
      Buffer.from(`{"auditID":"1","verb":"get","requestObject":${'{"a":'.repeat(70)}1${"}".repeat(70)}}`),
      Buffer.from(`{"auditID":"1","verb":"get","requestURI":"${"x".repeat(70_000)}"}`),
    ),
  },
);

/** What a source is sent, and how many records there are in it, about. */
export interface Input {
  readonly sent: Sent;
  readonly records: number;
}

/** A long run has longer logs, so that starts and ends take less of its time. */
const mostLines = process.env["WEIR_LONG"] ? 400 : 25;

/** Lines that come again: their values are known by then. */
const lines = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: mostLines }), fc.nat({ max: 7 }))
  .map(([some, more]) => Array.from({ length: more + 1 }, () => some).flat());

/** A log of such lines, and where readings of it are cut. */
export const logs: fc.Arbitrary<Input> = fc
  .tuple(lines, fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.constantFrom(100, 1000, 5000, 64 * 1024, 1024 * 1024))
  .map(([all, end, isTerminated, cut]) => {
    const bytes = Buffer.concat(
      all.flatMap((one, index) => (index === all.length - 1 && !isTerminated ? [one] : [one, Buffer.from(end)])),
    );
    return { sent: { by: "readings", bytes, cut }, records: all.length };
  });

const list = fc
  .record({
    items: lines,
    head: fc.constantFrom("[", "[\0", '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[', '{"items":['),
    tail: fc.constantFrom(
      "]",
      "]}",
      '],"kind":"EventList"}',
      '],"kind":"PodList","apiVersion":"v9"}',
      "",
      "]]",
      ",]",
      ", \0]",
      "\0]",
    ),
  })
  .map(({ items, head, tail }) => {
    const parts = items.flatMap((item, index) => (index === 0 ? [item] : [Buffer.from(", "), item]));
    return { body: Buffer.concat([Buffer.from(head), ...parts, Buffer.from(tail)]), records: items.length };
  });

/** A stream with such records, as an array or an EventList; some are broken. */
export const lists: fc.Arbitrary<Input> = list.map(({ body, records }) => ({
  sent: { by: "readings", bytes: body, cut: 1e9 },
  records,
}));

/** Requests, each of which is such a line. */
export const single: fc.Arbitrary<Input> = lines.map((all) => ({
  sent: { by: "requests", bodies: all },
  records: all.length,
}));

const body = fc.oneof(
  { weight: 3, arbitrary: list },
  { weight: 3, arbitrary: line.map((one) => ({ body: one, records: 1 })) },
  {
    weight: 1,
    arbitrary: lines.map((all) => ({
      body: Buffer.concat(all.flatMap((one) => [one, Buffer.from("\n")])),
      records: all.length,
    })),
  },
);

/** Bodies for a server: lists, lines, and single records. */
export const bodiesFor = (by: "http" | "websocket"): fc.Arbitrary<Input> =>
  fc.array(body, { minLength: 1, maxLength: 12 }).map((some) => ({
    sent: { by, bodies: some.map((one) => one.body) },
    records: some.reduce((sum, one) => sum + one.records, 0),
  }));
