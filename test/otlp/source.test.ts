import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ExactNumber } from "../../src/exact-number.ts";
import { jsonRequest, protobufRequest, recordOfEvent } from "../../src/otlp/index.ts";
import { message } from "../../src/otlp/testing/schema.ts";
import { came, serve } from "../http/pipeline.ts";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { temporaryDir, unbalancedComponents, until } from "../runtime/harness.ts";

const protobuf = "application/x-protobuf";
const json = "application/json";
/** In the order in which they come: those with the same resource together. */
const events = [
  {
    "@timestamp": "2026-01-02T03:04:05.123456789Z",
    message: "Käse",
    attributes: { n: new ExactNumber("9007199254740993") },
  },
  { event_name: "device.started", scope: { name: "lib", version: "2" } },
  { severity_text: "WARN", body: { a: [1] }, resource: { attributes: { "service.name": "shop" } } },
];
const records = events.map((event) => recordOfEvent(event, 1_000));
const expected = [
  { "@timestamp": "2026-01-02T03:04:05.123456789Z", message: "Käse" },
  {
    event_name: "device.started",
    scope: { name: "lib", version: "2" },
    observed_timestamp: "1970-01-01T00:00:01.000Z",
  },
  {
    log: { level: "WARN" },
    severity_number: 13,
    body: { a: [1] },
    resource: { attributes: { "service.name": "shop" } },
  },
];

const send = async (url: string, body: string | Buffer, type = protobuf, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/v1/logs`, {
    method: "POST",
    body,
    headers: { "content-type": type, ...headers },
  });
  const got = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get("content-type"), headers: response.headers, got };
};

const serveLogs = (source: Record<string, unknown> = {}, options: Parameters<typeof serve>[1] = {}) =>
  serve({ type: "otlp", ...source }, options);

describe("a request", () => {
  it.each([
    ["protobuf", protobufRequest(records), protobuf, undefined],
    ["protobuf with gzip", gzipSync(protobufRequest(records)), protobuf, "gzip"],
    ["protobuf with zstd", zstdCompressSync(protobufRequest(records)), "application/protobuf", "zstd"],
    ["JSON", jsonRequest(records), "application/json; charset=utf-8", undefined],
    ["JSON with br", brotliCompressSync(jsonRequest(records)), json, "br"],
  ])("in %s is answered in kind when its events are committed", async (_name, body, type, encoding) => {
    const serving = await serveLogs();
    const answer = await send(serving.url, body, type, encoding === undefined ? {} : { "content-encoding": encoding });
    expect(answer).toMatchObject({ status: 200, type: type.includes("json") ? json : protobuf });
    expect(answer.got.toString()).toBe(type.includes("json") ? "{}" : "");
    await came(serving, 3);
    expect(serving.kept.map(({ data }) => data)).toMatchObject(expected);
    expect(JSON.stringify(serving.kept[0]!.data)).toContain('"n":9007199254740993');
    await send(serving.url, body, type, encoding === undefined ? {} : { "content-encoding": encoding });
    await came(serving, 6);
    expect(serving.kept.slice(3).map(({ id }) => id)).toEqual(serving.kept.slice(0, 3).map(({ id }) => id));
  });

  it("without records is answered, too", async () => {
    const serving = await serveLogs();
    expect(await send(serving.url, "")).toMatchObject({ status: 200, type: protobuf });
    expect(await send(serving.url, "{}", json)).toMatchObject({ status: 200, type: json });
  });

  it("of which some records are nested too deep is answered with partial success; those are in the dead letter", async () => {
    const dataDir = temporaryDir();
    const serving = await serveLogs({}, { dataDir });
    const deep = Array.from({ length: 70 }).reduce<unknown>((inner) => [inner], 1);
    const all = [records[0]!, recordOfEvent({ body: deep }, 1), records[2]!];
    const { status, got } = await send(serving.url, protobufRequest(all));
    expect(status).toBe(200);
    const response = message("ExportLogsServiceResponse");
    const { partialSuccess } = response.toObject(response.decode(got), { longs: String });
    expect(partialSuccess).toEqual({
      rejectedLogRecords: "1",
      errorMessage:
        "weir could not process 1 of the records (a value is nested more than 64 levels deep); they went to its dead letter",
    });
    const inJson = await send(serving.url, jsonRequest(all), json);
    expect(JSON.parse(inJson.got.toString())).toMatchObject({ partialSuccess: { rejectedLogRecords: "1" } });
    await came(serving, 4);
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
    await serving.runtime.stop(1_000);
    expect(JSON.stringify(readDeadLetters(dataDir))).toContain(
      "nested more than 64 levels deep; the record in base64: ",
    );
  });
});

describe("a string that is not UTF-8", () => {
  const body = protobufRequest([recordOfEvent({ message: "caf?", attributes: { "?": "ü" } }, 1_000)]);
  for (let at = body.indexOf("?"); at >= 0; at = body.indexOf("?", at)) body[at] = 0xe9;

  it.each([
    ["replace", { message: "caf\ufffd", attributes: { "\ufffd": "ü" } }],
    ["keep", { message: "caf\ufffd", raw_base64: expect.stringMatching(/./) }],
  ])("is treated as invalid_text: %s says", async (invalid_text, data) => {
    const serving = await serveLogs({ invalid_text });
    expect((await send(serving.url, body)).status).toBe(200);
    await came(serving, 1);
    expect(serving.kept[0]!.data).toMatchObject(data);
  });
});

describe("what is refused", () => {
  const status = message("Status");

  it.each([
    [
      "protobuf that is none",
      "zz",
      protobuf,
      400,
      /is not an ExportLogsServiceRequest in protobuf: a field goes beyond/,
    ],
    ["JSON that is none", "zz", json, 400, /is not an ExportLogsServiceRequest in JSON: the body is not JSON/],
    ["JSON without a body", "", json, 400, /not JSON/],
    ["gzip that is none", "zz", protobuf, 400, /Content-Encoding/, { "content-encoding": "gzip" }],
    ["an unknown encoding", "{}", json, 415, /Content-Encoding "snappy"/, { "content-encoding": "snappy" }],
    ["a large body", "x".repeat(5_000), protobuf, 413, /larger than the limit/],
    ["a web page", "{}", json, 403, /./, { origin: "https://example.org" }],
  ])(
    "%s gets a Status in its encoding",
    async (_name, body, type, code, text, headers: Record<string, string> = {}) => {
      const serving = await serveLogs({ max_body: "4KiB" });
      const answer = await send(serving.url, body, type, headers);
      expect(answer).toMatchObject({ status: code, type });
      const said = type === json ? JSON.parse(answer.got.toString()) : status.toObject(status.decode(answer.got));
      expect(said.message).toMatch(text);
      expect(serving.kept).toEqual([]);
    },
  );

  it("another type, path or method is told what is possible", async () => {
    const serving = await serveLogs();
    expect(await send(serving.url, "hello", "text/plain")).toMatchObject({
      status: 415,
      type: "application/problem+json",
    });
    expect((await send(serving.url, "", "text/plain")).headers.get("accept-post")).toBe(`${protobuf}, ${json}`);
    const traces = await fetch(`${serving.url}/v1/traces`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": json },
    });
    expect([traces.status, await traces.json()]).toEqual([
      404,
      { message: 'There is nothing at "/v1/traces". weir accepts only logs, at /v1/logs.' },
    ]);
    expect((await fetch(`${serving.url}/v1/logs`)).status).toBe(405);
    expect((await fetch(`${serving.url}/healthz`)).status).toBe(200);
  });

  it("a request whose events would be far larger, because of its resource, is refused before it takes memory", async () => {
    const serving = await serveLogs({ max_body: "64KiB" });
    const resource = { attributes: { long: "x".repeat(32_000) } };
    const many = Array.from({ length: 500 }, (_, n) => recordOfEvent({ resource, attributes: { n } }, 1));
    expect(await send(serving.url, protobufRequest(many))).toMatchObject({ status: 413 });
    expect(serving.kept).toEqual([]);
    expect((await send(serving.url, protobufRequest(many.slice(0, 5)))).status).toBe(200);
  });

  it("there is no room: the client waits as Retry-After says, and loses nothing", async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const options = { sink: { buffer: { max_size: "4KiB" } }, budget: 4096, write: () => opened };
    const serving = await serveLogs({}, options);
    const received = () => serving.runtime.stats().components["in"]!.component_received_events_total;
    const answers: Awaited<ReturnType<typeof send>>[] = [];
    const waiting: Promise<unknown>[] = [];
    while (!answers.some((answer) => answer.status === 429)) {
      const [taken, answered] = [received(), answers.length];
      const body = protobufRequest([recordOfEvent({ message: `${waiting.length}${"x".repeat(1500)}` }, 1)]);
      waiting.push(send(serving.url, body).then((answer) => answers.push(answer)));
      await until(() => received() > taken || answers.length > answered);
    }
    const refused = answers.find((answer) => answer.status === 429)!;
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(status.toObject(status.decode(refused.got))["message"]).toMatch(/the pipeline is full/i);
    open();
    await Promise.all(waiting);
    await came(serving, answers.filter((answer) => answer.status === 200).length);
  });
});
