import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../parse-json.ts";
import { byOrigin } from "./by-origin.ts";
import {
  EventText,
  jsonRequest,
  OtlpError,
  protobufRequest,
  RefusedRecord,
  recordOfEvent,
  recordsInJson,
  recordsInProtobuf,
} from "./index.ts";
import { type AnyValue, mostNested, ValueMap } from "./model.ts";
import type { MappedRecord } from "./record-of-event.ts";
import { records } from "./testing/arbitrary.ts";
import { inOrder, known, plain } from "./testing/plain.ts";
import { message } from "./testing/schema.ts";

const Request = message("ExportLogsServiceRequest");
/** As protobufjs reads it, in the form of its JSON. */
const asOthersRead = (body: Uint8Array): unknown =>
  Request.toObject(Request.decode(body), { longs: String, bytes: String, defaults: false });

/** Records as they come back: those of equal origins together. */
const grouped = (all: readonly MappedRecord[]): MappedRecord[] =>
  byOrigin(all).flatMap(({ resource, scopes }) =>
    scopes.flatMap(({ scope, logs }) => logs.map((record) => ({ origin: { resource, scope }, record }))),
  );

describe("protobuf", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(records, (all) => {
        expect(plain(recordsInProtobuf(protobufRequest(all), "utf8"))).toEqual(plain(grouped(all)));
      }),
    );
  });

  it("is written and read as protobufjs does", () => {
    fc.assert(
      fc.property(records, (all) => {
        const ours = protobufRequest(all);
        const theirs = Request.encode(Request.decode(ours)).finish();
        expect(asOthersRead(ours)).toEqual(asOthersRead(theirs));
        expect(plain(recordsInProtobuf(Buffer.from(theirs), "utf8"))).toEqual(plain(grouped(all)));
      }),
    );
  });

  it("that is damaged anywhere is refused or read as protobufjs reads it", () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.integer({ min: 0, max: 255 }),
      kind: fc.constantFrom("set", "cut", "insert"),
    });
    fc.assert(
      fc.property(records, fc.array(change, { minLength: 1, maxLength: 3 }), (all, changes) => {
        const body = changes.reduce(damaged, protobufRequest(all));
        const theirs = attempt(() => Request.encode(Request.decode(body)).finish());
        const ours = attempt(() => plain(recordsInProtobuf(body, "utf8")));
        if (ours instanceof Error) expect(ours).toBeInstanceOf(OtlpError);
        // We replace bytes that are not UTF-8, as the host wants it, where protobufjs refuses the body.
        if (theirs instanceof Error && isOfUtf8(theirs)) return;
        // Of a field that it does not know, protobufjs also takes a number that is too long.
        if (ours instanceof Error && ours.message.includes("longer than ten bytes")) return;
        expect(ours instanceof Error, `${theirs}`).toBe(theirs instanceof Error);
        if (!(theirs instanceof Error)) expect(ours).toEqual(plain(recordsInProtobuf(Buffer.from(theirs), "utf8")));
      }),
      { numRuns: process.env["WEIR_LONG"] === undefined ? 1_000 : 10_000 },
    );
  });

  it("may have its fields in any order, in parts, and unknown ones", () => {
    const text = (field: number, of: string) =>
      Buffer.concat([Buffer.from([field * 8 + 2, of.length]), Buffer.from(of)]);
    const within = (field: number, ...parts: Buffer[]) => {
      const all = Buffer.concat(parts);
      return Buffer.concat([Buffer.from([field * 8 + 2, all.length]), all]);
    };
    const unknownGroup = Buffer.from([0x7b, 0x08, 0x01, 0x7b, 0x7c, 0x7c]);
    const list = (of: string) => within(5, within(5, within(1, text(1, of))));
    const record = within(2, list("a"), unknownGroup, text(3, "INFO"), list("b"), text(3, "WARN"));
    const scope = within(2, record, within(1, text(1, "first")), within(1, text(2, "1.0"), text(1, "last")));
    const body = within(
      1,
      scope,
      within(1, within(1, text(1, "k"))),
      text(3, "url"),
      within(1, within(1, text(1, "k"))),
    );
    const [read] = [...recordsInProtobuf(body, "utf8")];
    expect(read).toMatchObject({
      origin: {
        resource: {
          attributes: [
            ["k", null],
            ["k", null],
          ],
          schemaUrl: "url",
        },
        scope: { name: "last", version: "1.0" },
      },
      record: { body: ["a", "b"], severityText: "WARN" },
    });
  });

  it("whose varints and lengths are too long is refused", () => {
    for (const bytes of [
      [0x0a],
      [0x0a, 5, 1],
      [0x08, ...Array(10).fill(0xff), 1],
      [0x02, 0],
      [0x0b],
      [0x0c],
      [0x0d, 1],
    ])
      expect(() => [...recordsInProtobuf(Buffer.from(bytes), "utf8")], `${bytes}`).toThrow(OtlpError);
  });
});

const attempt = <T>(work: () => T): T | Error => {
  try {
    return work();
  } catch (error) {
    return error as Error;
  }
};

const isOfUtf8 = (error: Error): boolean =>
  (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA";

const damaged = (body: Buffer, { at, byte, kind }: { at: number; byte: number; kind: string }): Buffer => {
  const place = at % (body.length + 1);
  const rest = body.subarray(kind === "insert" ? place : place + 1);
  return Buffer.concat([body.subarray(0, place), ...(kind === "cut" ? [] : [Buffer.from([byte])]), rest]);
};

describe("JSON", () => {
  it("is read as it was written, and means what protobuf means", () => {
    fc.assert(
      fc.property(records, (all) => {
        const read = plain(recordsInJson(jsonRequest(all)));
        expect(read).toEqual(plain(recordsInProtobuf(protobufRequest(all), "utf8")));
      }),
    );
  });

  it("may have numbers as numbers, null for what is absent, and unknown members", () => {
    const record = {
      timeUnixNano: 1767323045123,
      observedTimeUnixNano: null,
      severityNumber: "9",
      traceId: "5B8EFFF798038103D269B633813FC60C",
      body: { intValue: -5, future: 1 },
      attributes: [
        { key: "d", value: { doubleValue: "1.5" } },
        { key: "n", value: { doubleValue: "NaN" } },
        { key: "e" },
      ],
      future: {},
    };
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
    expect([...recordsInJson(Buffer.from(body))][0]!.record).toMatchObject({
      time: 1767323045123n,
      observed: 0n,
      severityNumber: 9,
      body: -5n,
      attributes: [
        ["d", 1.5],
        ["n", Number.NaN],
        ["e", null],
      ],
      traceId: Buffer.from("5b8efff798038103d269b633813fc60c", "hex"),
    });
  });

  it.each([
    ["", /not JSON/],
    ["[]", /the body is an array, but must be an object/],
    ['{"resourceLogs":[{},7]}', /resourceLogs\[1\] is a number, but must be an object/],
    ['{"resourceLogs":{}}', /resourceLogs is an object, but must be an array/],
    [
      log({ timeUnixNano: "-1" }),
      /logRecords\[0\]\.timeUnixNano is "-1", but must be an integer from 0 to 18446744073709551615/,
    ],
    [log({ timeUnixNano: 1.5 }), /timeUnixNano is a number, but must be an integer/],
    [log({ traceId: "xyz" }), /traceId is "xyz", but must be hexadecimal digits/],
    [log({ body: { stringValue: 1 } }), /body\.stringValue is a number, but must be a string/],
    [log({ body: { intValue: "9223372036854775808" } }), /body\.intValue/],
    [log({ body: { stringValue: "", boolValue: true } }), /both stringValue and boolValue/],
    [log({ body: { bytesValue: "?" } }), /body\.bytesValue is "\?", but must be base64/],
    [log({ attributes: [{ key: 1 }] }), /attributes\[0\]\.key is a number/],
  ])("%s is refused", (body, message) => {
    expect(() => [...recordsInJson(Buffer.from(body))]).toThrow(OtlpError);
    expect(() => [...recordsInJson(Buffer.from(body))]).toThrow(message);
  });
});

function log(record: object): string {
  return JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
}

describe("values that are nested", () => {
  const nested = (levels: number): AnyValue =>
    Array.from({ length: levels }).reduce<AnyValue>(
      (inner, _one, level) => (level % 2 === 0 ? [inner] : new ValueMap([["k", inner]])),
      "core",
    );
  const request = (levels: number): MappedRecord[] => [
    recordOfEvent({ message: "before" }, 1),
    { ...recordOfEvent({}, 1), record: { ...recordOfEvent({}, 1).record, body: nested(levels) } },
    recordOfEvent({ message: "after" }, 1),
  ];

  it.each([
    ["protobuf", (all: MappedRecord[]) => recordsInProtobuf(protobufRequest(all), "utf8")],
    ["JSON", (all: MappedRecord[]) => recordsInJson(jsonRequest(all))],
  ])("too deep cost their record only, in %s", (_name, read) => {
    expect(plain(read(request(mostNested)))).toEqual(plain(request(mostNested)));
    const [before, deep, after] = [...read(request(mostNested + 1))];
    expect(deep!.record).toBeInstanceOf(RefusedRecord);
    expect((deep!.record as RefusedRecord).message).toBe("a value is nested more than 64 levels deep");
    expect((deep!.record as RefusedRecord).bytes.length).toBeGreaterThan(100);
    expect(plain([before!, after!])).toEqual(plain([request(1)[0]!, request(1)[2]!]));
    expect([...read(request(500))][1]!.record).toBeInstanceOf(RefusedRecord);
  });
});

describe("more than anybody sends", () => {
  const tag = (field: number, ...parts: Buffer[]): Buffer => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const head = [field * 8 + 2];
    for (let left = length; ; left >>>= 7) {
      head.push(left < 128 ? left : (left & 127) | 128);
      if (left < 128) return Buffer.concat([Buffer.from(head), ...parts]);
    }
  };
  const many = (bytes: readonly number[], count = 300_000) => Buffer.from(Array(count).fill(bytes).flat());
  const record = (...parts: Buffer[]) => tag(2, ...parts);
  const good = record(tag(5, tag(1, Buffer.from("good"))));
  const json = (inside: string) => Buffer.from(`{"resourceLogs":[${inside}]}`);
  const list = (item: string, count = 60_000) => Array(count).fill(item).join();

  it.each([
    ["attributes", tag(1, tag(2, good, record(many([0x32, 0])), good))],
    ["unknown fields", tag(1, tag(2, good, record(many([0x78, 1])), good))],
    [
      "unknown fields in a group",
      tag(1, tag(2, good, record(Buffer.of(0x7b), many([0x78, 1]), Buffer.of(0x7c)), good)),
    ],
    ["items", tag(1, tag(2, good, record(tag(5, tag(5, many([0x0a, 0])))), good))],
    [
      "attributes in JSON",
      json(
        `{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"good"}},{"attributes":[${list("{}")}]},{"body":{"stringValue":"good"}}]}]}`,
      ),
    ],
    [
      "items in JSON",
      json(
        `{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"good"}},{"body":{"arrayValue":{"values":[${list("null", 120_000)}]}}},{"body":{"stringValue":"good"}}]}]}`,
      ),
    ],
  ])("%s cost their record only", (name, body) => {
    const read = name.includes("JSON") ? recordsInJson(body) : recordsInProtobuf(body, "utf8");
    const [before, refused, after] = [...read].map((one) => one.record);
    expect(refused).toBeInstanceOf(RefusedRecord);
    expect((refused as RefusedRecord).message).toContain("more than 200000 fields");
    expect([before, after]).toMatchObject([{ body: "good" }, { body: "good" }]);
  });

  const deep = Array.from({ length: 70 }).reduce<Buffer>((inner) => tag(5, tag(1, inner)), Buffer.alloc(0));
  const deepJson = Array.from({ length: 70 }).reduce<string>((inner) => `{"arrayValue":{"values":[${inner}]}}`, "{}");
  it.each([
    ["a resource in parts", tag(1, tag(1, many([0x0a, 0], 150_000)), tag(1, many([0x0a, 0], 150_000)), tag(2, good))],
    ["a scope", tag(1, tag(2, tag(1, many([0x1a, 0])), good))],
    ["a resource in JSON", json(`{"resource":{"attributes":[${list("{}")}]}}`)],
    ["a resource that is nested too deep", tag(1, tag(1, tag(1, tag(2, deep))))],
    [
      "a resource that is nested too deep in JSON",
      json(`{"resource":{"attributes":[{"key":"k","value":${deepJson}}]}}`),
    ],
    ["very many objects in JSON", json(list("{}", 600_000))],
  ])("in %s is refused", (name, body) => {
    expect(() => [...(name.includes("JSON") ? recordsInJson(body) : recordsInProtobuf(body, "utf8"))]).toThrow(
      OtlpError,
    );
  });

  it.each([
    ["resources", many([0x0a, 0])],
    ["unknown fields", many([0x78, 1])],
    ["scopes", tag(1, many([0x12, 0]))],
    ["unknown fields of a resource", tag(1, many([0x78, 1]))],
    ["empty records before their scope", tag(1, tag(2, many([0x12, 0])))],
    ["resources in JSON", json(list("{}", 300_000))],
    ["scopes in JSON", json(`{"scopeLogs":[${list("{}", 300_000)}]}`)],
  ])("can be read with pauses: %s", (name, body) => {
    const pause = "pause" as const;
    const read = name.includes("JSON") ? recordsInJson(body, pause) : recordsInProtobuf(body, "utf8", pause);
    let pauses = 0;
    for (const found of read) if (found === pause) pauses++;
    expect(pauses).toBeGreaterThan(250);
  });
});

describe("events", () => {
  const through = (all: readonly MappedRecord[]): MappedRecord[] => {
    const text = new EventText();
    return all.map((one) => recordOfEvent(parseJson(text.line(one)) as Record<string, unknown>, 1_000));
  };

  it("made of records become the same records again", () => {
    fc.assert(
      fc.property(records, (all) => {
        expect(inOrder(plain(through(all)))).toEqual(inOrder(plain(all.map(known))));
      }),
      { numRuns: 300 },
    );
  });

  it("keep bytes of strings that are not UTF-8", () => {
    const body = protobufRequest([recordOfEvent({ message: "caf?" }, 1)]);
    body[body.indexOf("?")] = 0xe9;
    const text = new EventText();
    const lines = [...recordsInProtobuf(body, "latin1")].map((one) => text.line(one as MappedRecord));
    expect(Buffer.from(lines[0]!, "latin1").includes(Buffer.from([0x66, 0xe9, 0x22]))).toBe(true);
  });
});

describe("any other event", () => {
  const mapped = (data: Record<string, unknown>) => recordOfEvent(data, Date.UTC(2026, 0, 2));

  it("has its fields in the record, and the rest as attributes by their paths", () => {
    const { origin, record } = mapped({
      "@timestamp": "2026-01-02T03:04:05.123456789Z",
      message: "hello",
      "log.level": "WARN",
      service: { name: "shop" },
      host: { name: "a", ip: ["10.0.0.1", "10.0.0.2"] },
      "host.name": "b",
      trace: { id: "not hexadecimal" },
      kubernetes: { pod: { name: "p", labels: {} }, ports: [{ n: 1 }] },
      resource: "a name",
      otlp: { mine: true },
      n: 1.5,
    });
    expect(record).toMatchObject({
      time: 1767323045123456789n,
      observed: 1767312000000000000n,
      severityNumber: 13,
      severityText: "WARN",
      body: "hello",
      traceId: Buffer.alloc(0),
    });
    expect(origin.resource.attributes).toEqual([
      ["service.name", "shop"],
      ["host.name", ["a", "b"]],
      ["host.ip", ["10.0.0.1", "10.0.0.2"]],
    ]);
    expect(record.attributes).toEqual([
      ["trace.id", "not hexadecimal"],
      ["kubernetes.pod.name", "p"],
      ["kubernetes.pod.labels", new ValueMap([])],
      ["kubernetes.ports", [new ValueMap([["n", 1n]])]],
      ["resource", "a name"],
      ["otlp.mine", true],
      ["n", 1.5],
    ]);
  });

  it("that is an alert has its reason as the body, and its severity", () => {
    const { record } = mapped({
      "kibana.alert.reason": "why",
      "kibana.alert.severity": "high",
      "@timestamp": "yesterday",
    });
    expect(record).toMatchObject({ time: 0n, body: "why", severityNumber: 17, severityText: "" });
    expect(record.attributes).toEqual([
      ["kibana.alert.reason", "why"],
      ["kibana.alert.severity", "high"],
      ["@timestamp", "yesterday"],
    ]);
  });

  it("loses nothing where an attribute and a field have one name", () => {
    const { record } = mapped({
      attributes: { "labels.a": 1, b: 2 },
      labels: { a: 3 },
      message: { text: "x" },
      body: "y",
    });
    expect(record.attributes).toEqual([
      ["labels.a", [1n, 3n]],
      ["b", 2n],
      ["message.text", "x"],
      ["body", "y"],
    ]);
  });
});
