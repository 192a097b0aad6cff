import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  jsonRequest,
  type MappedRecord,
  protobufRequest,
  type ReceivedRecord,
  recordOfEvent,
  recordsInJson,
  recordsInProtobuf,
} from "../../../src/otlp/index.ts";
import { records as arbitraryRecords } from "../../../src/otlp/testing/arbitrary.ts";
import { inOrder, known, plain } from "../../../src/otlp/testing/plain.ts";
import { freePort } from "../../end-to-end/free-port.ts";
import { pipelineFile, startWeir, temporaryFolder } from "../../end-to-end/weir.ts";
import { authority } from "../../http/certificates.ts";
import { Collector, hasCollector } from "./collector.ts";

const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const types = { protobuf: "application/x-protobuf", json: "application/json" };

/** The end of the line: decodes what arrives, and keeps it. */
const recorder = async (port = 0) => {
  const got: ReceivedRecord[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const sent = Buffer.concat(parts);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    const isJson = request.headers["content-type"] === types.json;
    got.push(...(isJson ? recordsInJson(body) : recordsInProtobuf(body, "utf8")));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const post = async (url: string, body: Buffer | string, type: string) => {
  const response = await fetch(`${url}/v1/logs`, { method: "POST", headers: { "content-type": type }, body });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
};

const until = async (isSo: () => boolean): Promise<void> => {
  for (let waited = 0; !isSo() && waited < 120_000; waited += 20) await sleep(20);
};

const sinkOf = (url: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: "otlp",
  inputs: ["in"],
  url: `${url}/v1/logs`,
  health_check: false,
  batch: { max_events: 20, timeout: "20ms" },
  retry: { initial: "20ms", max: "200ms" },
  ...more,
});

/** A source that receives by HTTP or gRPC, and where the Collector sends to. */
const receiverBy = async (protocol: "http" | "grpc", more: Readonly<Record<string, unknown>> = {}) => {
  const [listen, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  if (protocol === "http") return { source: { type: "otlp", listen, ...more }, target: `http://${listen}` };
  return { source: { type: "otlp", listen, grpc_listen: grpc, ...more }, target: grpc };
};

const attributeOf = ({ record }: ReceivedRecord, name: string): unknown =>
  new Map((record as MappedRecord["record"]).attributes).get(name);

describe.skipIf(!hasCollector)("a real OpenTelemetry Collector", () => {
  it.each([
    ["protobuf", "http", "proto"],
    ["json", "http", "json"],
    ["protobuf", "grpc", "proto"],
  ] as const)(
    `before and behind weir: each log record arrives as it was sent, in %s by %s, seed ${seed}`,
    async (encoding, protocol, exporter) => {
      const end = await recorder();
      const behind = await Collector.start(end.url, { encoding: exporter });
      const folder = temporaryFolder();
      const { source, target } = await receiverBy(protocol);
      const pipeline = { sources: { in: source }, sinks: { out: sinkOf(behind.url, { encoding }) } };
      const weir = startWeir(["run", pipelineFile(folder, pipeline), "--data-dir", join(folder, "data")]);
      await weir.said("listening on");
      const how = protocol === "grpc" ? { tls: { insecure: true } } : { encoding: exporter };
      const before = await Collector.start(target, how);

      const samples = fc.sample(arbitraryRecords, { seed, numRuns: 100 }).filter((all) => all.length > 0);
      const sent = samples.map((all, sample) => all.map((one, index) => numbered(one, `${sample}/${index}`)));
      for (const [index, all] of sent.entries()) {
        const as = index % 2 === 0 ? "protobuf" : "json";
        const body = as === "json" ? jsonRequest(all) : protobufRequest(all);
        expect(await post(before.url, body, types[as])).toMatchObject({ status: 200, type: types[as] });
      }
      const all = sent.flat();
      await until(() => end.got.length >= all.length);
      const arrived = new Map(end.got.map((one) => [attributeOf(one, "number"), one]));
      expect(arrived.size).toBe(all.length);
      for (const one of all) {
        const there = arrived.get(attributeOf(one, "number"))! as MappedRecord;
        // weir says when it received what was not observed before.
        const observed = one.record.observed || there.record.observed;
        const expected = known({ ...one, record: { ...one.record, observed } });
        const time = one.record.time || one.record.observed;
        expect(inOrder(plain([there]))).toEqual(
          inOrder(plain([{ ...expected, record: { ...expected.record, time } }])),
        );
      }
      expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
    },
  );

  it("refuses what weir refuses", async () => {
    const end = await recorder();
    const collector = await Collector.start(end.url);
    const folder = temporaryFolder();
    const listen = `127.0.0.1:${await freePort()}`;
    const sinks = { out: { type: "blackhole", inputs: ["in"] } };
    const pipeline = pipelineFile(folder, { sources: { in: { type: "otlp", listen } }, sinks });
    await startWeir(["run", pipeline, "--data-dir", join(folder, "data")]).said("listening on");
    const requests: readonly (readonly [body: string, type: string])[] = [
      ["", types.protobuf],
      ["{}", types.json],
      ["zz", types.protobuf],
      ["zz", types.json],
      ['{"resourceLogs":3}', types.json],
      ['{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"zz"}]}]}]}', types.json],
      ["hello", "text/plain"],
    ];
    for (const [body, type] of requests) {
      const [theirs, ours] = [await post(collector.url, body, type), await post(`http://${listen}`, body, type)];
      expect([body, ours.status]).toEqual([body, theirs.status]);
      if (ours.status !== 415) expect([body, ours.type]).toEqual([body, theirs.type]);
    }
  });

  it.each(["http", "grpc"] as const)(
    `loses nothing when weir or the Collector behind it is killed, by %s`,
    async (protocol) => {
      const end = await recorder();
      const behind = await Collector.start(end.url);
      const folder = temporaryFolder();
      const { source, target } = await receiverBy(protocol);
      const file = pipelineFile(folder, {
        sources: { in: source },
        sinks: { out: sinkOf(behind.url) },
      });
      const start = () => startWeir(["run", file, "--data-dir", join(folder, "data")]);
      let weir = start();
      await weir.said("listening on");
      const before = await Collector.start(target, protocol === "grpc" ? { tls: { insecure: true } } : {});
      let n = 0;
      const load = async () => {
        for (let count = 0; count < 10; count++) {
          const some = Array.from({ length: 10 }, () => recordOfEvent({ attributes: { n: n++ } }, 1));
          expect((await post(before.url, protobufRequest(some), types.protobuf)).status).toBe(200);
        }
      };
      const numbers = () => new Set(end.got.map((one) => Number(attributeOf(one, "n"))));
      for (let round = 0; round < 3; round++) {
        await load();
        await weir.stop("SIGKILL");
        await load();
        weir = start();
        await weir.said("listening on");
      }
      // A Collector that is killed loses what it has answered and not passed on: so that is awaited before.
      await until(() => numbers().size === n);
      await behind.kill();
      await load();
      await sleep(300);
      await behind.start();
      await until(() => numbers().size === n);
      expect([...numbers()].sort((a, b) => a - b)).toEqual([...Array(n).keys()]);
      expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
    },
  );

  it("waits by gRPC while there is no room, over TLS with a certificate and a token; nothing is lost", async () => {
    const folder = temporaryFolder();
    const own = authority(folder, "own");
    const tls = { ...own.issue("weir"), client_ca: own.ca, client_names: ["collector"] };
    const { source, target } = await receiverBy("grpc", { tls, auth: { tokens: ["open-sesame"] } });
    const port = await freePort();
    const sink = sinkOf(`http://127.0.0.1:${port}`, { buffer: { max_size: "64KiB" } });
    const file = pipelineFile(folder, { sources: { in: source }, sinks: { out: sink } });
    const weir = startWeir(["run", file, "--data-dir", join(folder, "data")]);
    await weir.said("for gRPC on");
    const client = own.issue("collector");
    const before = await Collector.start(target, {
      tls: { ca_file: own.ca, cert_file: client.certificate, key_file: client.key },
      headers: { authorization: "Bearer open-sesame" },
      retry_on_failure: { initial_interval: "50ms", max_interval: "500ms", max_elapsed_time: "0s" },
      // As many calls at a time as there may be, which is more than fits into weir.
      sending_queue: { num_consumers: 100 },
    });
    const all = Array.from({ length: 120 }, (_, n) => n);
    for (const n of all) {
      const one = protobufRequest([recordOfEvent({ message: "x".repeat(200_000), attributes: { n } }, 1)]);
      expect((await post(before.url, one, types.protobuf)).status).toBe(200);
    }
    expect(await weir.said("refused a request with 429")).toBe(true);
    const end = await recorder(port);
    const numbers = () => new Set(end.got.map((one) => Number(attributeOf(one, "n"))));
    await until(() => numbers().size === all.length);
    expect([...numbers()].sort((a, b) => a - b)).toEqual(all);
    expect(await weir.stop("SIGTERM")).toMatchObject({ code: 0 });
  });
});

/** The record with a number among its attributes, by which it is found at the end. */
const numbered = ({ origin, record }: MappedRecord, number: string): MappedRecord => ({
  origin,
  record: { ...record, attributes: [["number", number], ...record.attributes.filter(([key]) => key !== "number")] },
});
