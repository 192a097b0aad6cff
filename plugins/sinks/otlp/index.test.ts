import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { DeliveryError, type Plugin } from "weir";
import { parseJson } from "weir/fields";
import {
  EventText,
  type ReceivedRecord,
  RefusedRecord,
  recordsInJson,
  recordsInProtobuf,
  responseBody,
  statusBody,
} from "weir/otlp";
import { delivery, flaws, logRecorder, openSink, testSink } from "weir/testing";
import { receiver as httpReceiver } from "../../../test/http/receiver.ts";
import sink from "./index.ts";

interface Taken {
  readonly headers: IncomingHttpHeaders;
  readonly records: readonly ReceivedRecord[];
}

/** A receiver that decodes what it gets; `answer` says how each request is answered. */
const receiver = async () => {
  const taken: Taken[] = [];
  const self = { taken, url: "", answer: (_taken: Taken, response: ServerResponse): unknown => response.end() };
  const { origin } = await httpReceiver(({ headers, plain }, response) => {
    const isJson = headers["content-type"] === "application/json";
    const whole = { headers, records: [...(isJson ? recordsInJson(plain) : recordsInProtobuf(plain, "utf8"))] };
    taken.push(whole);
    self.answer(whole, response);
  });
  self.url = `${origin}/v1/logs`;
  return self;
};

const defaults = { encoding: "protobuf", compression: "gzip", headers: {}, auth: {}, tls: {}, final_statuses: [] };

const open = async (url: string, config: Record<string, unknown> = {}, log = logRecorder()) => {
  const writer = await openSink(sink, { config: { ...defaults, url, ...config }, log });
  onTestFinished(() => writer.close());
  return writer;
};

const events = (...data: readonly Record<string, unknown>[]) =>
  data.map((one, index) => delivery(one, `lines/s@${index}`));
const bodies = ({ taken }: { readonly taken: readonly Taken[] }) =>
  taken.map(({ records }) => records.map(({ record }) => (record instanceof RefusedRecord ? record : record.body)));
const some = events({ message: "a" }, { message: "b" }, { message: "c" });

const answered = (response: ServerResponse, status: number, body: Buffer, type = "application/x-protobuf") =>
  response.writeHead(status, { "content-type": type }).end(body);

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

testSink(sink, [
  {
    name: "log records",
    events: [
      { message: "one", n: 1 },
      { message: "two", log: { level: "warn" } },
    ],
    async arrange() {
      const there = await receiver();
      const records: ReceivedRecord[] = [];
      let mode: "accept" | "refuse" | "stall" = "accept";
      there.answer = (one, response) => {
        if (mode === "stall") return;
        if (mode === "accept") records.push(...one.records);
        response.writeHead(mode === "accept" ? 200 : 503).end();
      };
      return {
        config: { ...defaults, url: there.url },
        received: () => records.map(({ record }) => record instanceof RefusedRecord || record.body),
        refuse() {
          mode = "refuse";
        },
        accept() {
          mode = "accept";
        },
        stall() {
          mode = "stall";
        },
      };
    },
    received: ["one", "two"],
  },
]);

describe("a request", () => {
  it.each([
    ["protobuf", "gzip", "application/x-protobuf"],
    ["protobuf", "none", "application/x-protobuf"],
    ["json", "gzip", "application/json"],
    ["json", "none", "application/json"],
  ])("is in %s, compressed by %s", async (encoding, compression, type) => {
    const there = await receiver();
    const writer = await open(there.url, { encoding, compression, headers: { "X-Team": "{{ team:-none }}" } });
    expect(await writer.write(some)).toBeUndefined();
    expect(bodies(there)).toEqual([["a", "b", "c"]]);
    expect(there.taken[0]!.headers).toMatchObject({ "content-type": type, "x-team": "none" });
    expect(there.taken[0]!.headers["content-encoding"]).toBe(compression === "gzip" ? "gzip" : undefined);
  });

  it("gives back what the source otlp has received", async () => {
    const there = await receiver();
    const line =
      '{"@timestamp":"2026-01-02T03:04:05.123456789Z","observed_timestamp":"2026-01-02T03:04:06.000Z","log":{"level":"INFO"},"severity_text":"INFO","severity_number":0,"body":{"n":9223372036854775807,"b":"AAEC","d":2},"attributes":{"a.b":"x"},"resource":{"attributes":{"service.name":"shop"},"schema_url":"s"},"scope":{"name":"lib"},"otlp":{"bytes":["/body/b"],"doubles":["/body/d"]}}';
    const writer = await open(there.url);
    await writer.write(events(parseJson(line) as Record<string, unknown>));
    const [one] = there.taken[0]!.records;
    expect(new EventText().line(one as Parameters<EventText["line"]>[0])).toBe(line);
  });
});

describe("an answer", () => {
  it.each(["application/x-protobuf", "application/json"] as const)("with a partial success, in %s", async (type) => {
    const there = await receiver();
    const encoding = type === "application/json" ? "json" : "protobuf";
    there.answer = (_one, response) =>
      answered(response, 200, responseBody(encoding, { rejected: 1n, message: "too old" }), type);
    const writer = await open(there.url);
    const { origin } = new URL(there.url);
    expect(await writer.write(some.slice(0, 1))).toEqual({
      failed: [{ index: 0, message: `${origin} rejected the record with "too old"`, final: true }],
    });
    const message = `${origin} rejected 1 of the 3 records in the request of this event with "too old"; OTLP does not report which ones`;
    expect(await writer.write(some)).toEqual({ failed: [0, 1, 2].map((index) => ({ index, message, final: true })) });
    expect(there.taken).toHaveLength(2);
  });

  it("with a warning only is a delivery; the warning is logged once a minute", async () => {
    const there = await receiver();
    there.answer = (_one, response) =>
      answered(response, 200, responseBody("protobuf", { rejected: 0n, message: "slow down" }));
    const log = logRecorder();
    const writer = await open(there.url, {}, log);
    expect(await writer.write(some)).toBeUndefined();
    expect(await writer.write(some)).toBeUndefined();
    expect(log.lines.map(({ message }) => message)).toEqual([
      `${new URL(there.url).origin} accepted all records, with "slow down"`,
    ]);
  });

  it("of 2xx that cannot be decoded is no delivery; one of another type is", async () => {
    const there = await receiver();
    there.answer = (_one, response) => answered(response, 200, Buffer.from("zz"));
    const writer = await open(there.url);
    await expect(writer.write(some)).rejects.toThrow(/not an ExportLogsServiceResponse/);
    there.answer = (_one, response) => answered(response, 202, Buffer.from("thanks"), "text/plain");
    expect(await writer.write(some)).toBeUndefined();
  });

  it.each([429, 502, 503, 504, 500])("of %s is tried again", async (status) => {
    const there = await receiver();
    there.answer = (_one, response) => {
      response.setHeader("Retry-After", "7");
      answered(response, status, statusBody("protobuf", "not now"));
    };
    const error = await (await open(there.url)).write(some).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DeliveryError);
    expect(error).toMatchObject({ retryAfter: 7_000, final: false, message: expect.stringMatching(/: not now$/) });
  });

  it("of 400 is for the events to blame only", async () => {
    const there = await receiver();
    const kept: unknown[] = [];
    there.answer = ({ records }, response) => {
      const isBad = records.some(({ record }) => !(record instanceof RefusedRecord) && record.body === "b");
      if (isBad) return answered(response, 400, statusBody("protobuf", "no b"));
      kept.push(...records);
      return response.end();
    };
    const outcome = await (await open(there.url)).write(some);
    expect(outcome).toEqual({
      failed: [{ index: 1, message: expect.stringMatching(/answered 400 Bad Request: no b$/), final: true }],
    });
    expect(kept).toHaveLength(2);
  });
});
