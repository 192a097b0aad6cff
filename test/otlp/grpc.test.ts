import { readFileSync } from "node:fs";
import http2 from "node:http2";
import { connect as connectSocket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { keepListeners, listenAhead } from "../../src/http/listeners.ts";
import { protobufRequest, recordOfEvent } from "../../src/otlp/index.ts";
import { freePort } from "../end-to-end/free-port.ts";
import { authority, hasOpenssl, shown } from "../http/certificates.ts";
import { came, serve } from "../http/pipeline.ts";
import { readDeadLetters } from "../kill/dead-letters.ts";
import { temporaryDir, unbalancedComponents, until } from "../runtime/harness.ts";
import { call, connect, framed, method } from "./grpc-client.ts";

const records = ["one", "two"].map((message) => recordOfEvent({ message }, 1_000));
const body = protobufRequest(records);

const serveCalls = async (source: Record<string, unknown> = {}, options: Parameters<typeof serve>[1] = {}) => {
  const serving = await serve({ type: "otlp", grpc_listen: "127.0.0.1:0", ...source }, options);
  const listening = () => serving.log.map((line) => /for gRPC on (\S+)/.exec(line)?.[1]).find((address) => address);
  await until(() => listening() !== undefined);
  return { ...serving, address: listening()! };
};

const ok = { status: 200, code: 0 };

describe("a call", () => {
  it.each([
    ["as it is", framed(body), undefined],
    ["as it is, though it could be compressed", framed(body), "gzip"],
    ["in gzip", framed(gzipSync(body), true), "gzip"],
    ["in deflate", framed(deflateSync(body), true), "deflate"],
    ["in zstd", framed(zstdCompressSync(body), true), "zstd"],
  ])("%s is answered when its events are committed", async (_name, frames, encoding) => {
    const serving = await serveCalls();
    const session = connect(serving.address);
    const headers = encoding === undefined ? {} : { "grpc-encoding": encoding };
    expect(await call(session, frames, headers)).toMatchObject({ ...ok, partial: undefined });
    await came(serving, 2);
    expect(serving.kept.map(({ data }) => data)).toMatchObject([{ message: "one" }, { message: "two" }]);
    await call(session, frames, { ...headers, "content-type": "application/grpc+proto" });
    await came(serving, 4);
    expect(serving.kept.slice(2).map(({ id }) => id)).toEqual(serving.kept.slice(0, 2).map(({ id }) => id));
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
  });

  it("without records is answered, too", async () => {
    const serving = await serveCalls();
    expect(await call(connect(serving.address), framed(Buffer.alloc(0)))).toMatchObject(ok);
  });

  it("gives events the ids that the same request over HTTP gives them", async () => {
    const serving = await serveCalls();
    await call(connect(serving.address), framed(body));
    const headers = { "content-type": "application/x-protobuf" };
    await fetch(`${serving.url}/v1/logs`, { method: "POST", body, headers });
    await came(serving, 4);
    expect(serving.kept.slice(2).map(({ id }) => id)).toEqual(serving.kept.slice(0, 2).map(({ id }) => id));
  });

  it("of which some records are nested too deep has partial success; those are in the dead letter", async () => {
    const dataDir = temporaryDir();
    const serving = await serveCalls({}, { dataDir });
    const deep = Array.from({ length: 70 }).reduce<unknown>((inner) => [inner], 1);
    const some = protobufRequest([records[0]!, recordOfEvent({ body: deep }, 1)]);
    expect(await call(connect(serving.address), framed(some))).toMatchObject({
      ...ok,
      partial: { rejectedLogRecords: "1", errorMessage: expect.stringContaining("more than 64 levels deep") },
    });
    await until(() => readDeadLetters(dataDir).length === 1);
  });

  it("one of many on one connection: all are answered", async () => {
    const serving = await serveCalls();
    const session = connect(serving.address);
    const all = Array.from({ length: 500 }, (_, n) => protobufRequest([recordOfEvent({ attributes: { n } }, 1)]));
    const ended = await Promise.all(all.map((one) => call(session, framed(one))));
    expect(ended.filter(({ code }) => code !== 0)).toEqual([]);
    await came(serving, 500);
    expect(new Set(serving.kept.map(({ data }) => JSON.stringify(data["attributes"]))).size).toBe(500);
  });
});

describe("what is refused", () => {
  const codes = { invalid: 3, denied: 7, exhausted: 8, unimplemented: 12, unauthenticated: 16 };

  it.each([
    ["a message that is none", framed(Buffer.from("zz")), codes.invalid, /is not an ExportLogsServiceRequest/, {}],
    ["no message", Buffer.alloc(0), codes.invalid, /has no message/, {}],
    ["a part of a message", framed(body).subarray(0, 20), codes.invalid, /but 15 were sent/, {}],
    ["two messages", Buffer.concat([framed(body), framed(body)]), codes.invalid, /one message is expected/, {}],
    ["an unknown flag", Buffer.from([7, 0, 0, 0, 0]), codes.invalid, /begins with 7/, {}],
    ["gzip that is none", framed(body, true), codes.invalid, /does not match/, { "grpc-encoding": "gzip" }],
    ["compression that is not named", framed(gzipSync(body), true), codes.invalid, /has no grpc-encoding/, {}],
    ["an unknown encoding", framed(body), codes.unimplemented, /grpc-encoding "snappy"/, { "grpc-encoding": "snappy" }],
    ["a large message", framed(Buffer.alloc(10_000)), codes.exhausted, /larger than the limit/, {}],
    [
      "a small one that becomes large",
      framed(gzipSync(Buffer.alloc(1_000_000)), true),
      codes.exhausted,
      /larger than the limit/,
      { "grpc-encoding": "gzip" },
    ],
    [
      "another service",
      framed(body),
      codes.unimplemented,
      /weir supports only \/opentelemetry/,
      { ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export" },
    ],
  ] as const)("%s", async (_name, frames, code, text, headers) => {
    const serving = await serveCalls({ max_body: "4KiB" });
    const session = connect(serving.address);
    const ended = await call(session, frames, headers);
    expect(ended).toMatchObject({ status: 200, code, retryAfter: undefined });
    expect(ended.text).toMatch(text);
    // The connection goes on.
    expect(await call(session, framed(body))).toMatchObject(ok);
    await came(serving, 2);
  });

  it("what is no gRPC gets a status of HTTP", async () => {
    const serving = await serveCalls();
    const session = connect(serving.address);
    expect((await call(session, body, { "content-type": "application/json" })).status).toBe(415);
    expect((await call(session, Buffer.alloc(0), { ":method": "PUT" })).status).toBe(415);
  });

  it("a call without the token", async () => {
    const serving = await serveCalls({ auth: { tokens: ["open-sesame"] } });
    const session = connect(serving.address);
    expect((await call(session, framed(body))).code).toBe(codes.unauthenticated);
    expect((await call(session, framed(body), { authorization: "Bearer guessed" })).code).toBe(codes.unauthenticated);
    expect(await call(session, framed(body), { authorization: "Bearer open-sesame" })).toMatchObject(ok);
  });

  it.runIf(hasOpenssl)("a client without a certificate of the authority, or with another name", async () => {
    const folder = temporaryDir();
    const [own, foreign] = [authority(folder, "own"), authority(folder, "foreign")];
    const tls = { ...own.issue("weir"), client_ca: own.ca, client_names: ["collector"] };
    const serving = await serveCalls({ tls });
    const ca = readFileSync(own.ca);
    const send = (client: object = {}) => call(connect(serving.address, { ca, ...client }), framed(body));
    expect((await send()).code).toBe(codes.unauthenticated);
    expect((await send(shown(foreign.issue("collector")))).code).toBe(codes.unauthenticated);
    expect((await send(shown(own.issue("other")))).code).toBe(codes.denied);
    expect(await send(shown(own.issue("collector")))).toMatchObject(ok);
    await came(serving, 2);
  });

  it("there is no room: the client waits as the RetryInfo says, and loses nothing", async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const serving = await serveCalls({}, { sink: { buffer: { max_size: "4KiB" } }, budget: 4096, write: () => opened });
    const session = connect(serving.address);
    const ended: Awaited<ReturnType<typeof call>>[] = [];
    const calls: Promise<unknown>[] = [];
    const received = () => serving.runtime.stats().components["in"]!.component_received_events_total;
    while (!ended.some(({ code }) => code === 14)) {
      const [taken, answered] = [received(), ended.length];
      const one = protobufRequest([recordOfEvent({ message: `${calls.length}${"x".repeat(1500)}` }, 1)]);
      calls.push(call(session, framed(one)).then((each) => ended.push(each)));
      await until(() => received() > taken || ended.length > answered);
    }
    expect(ended.find(({ code }) => code === 14)).toMatchObject({ retryAfter: 1, text: expect.stringMatching(/full/) });
    open();
    await Promise.all(calls);
    await came(serving, ended.filter(({ code }) => code === 0).length);
  });
});

describe("clients that mean harm", () => {
  const works = async (serving: Awaited<ReturnType<typeof serveCalls>>) => {
    const before = serving.kept.length;
    expect(await call(connect(serving.address), framed(body))).toMatchObject(ok);
    await came(serving, before + 2);
  };

  it("calls that are reset at once: their connection is closed, and others go on", async () => {
    const serving = await serveCalls();
    const session = connect(serving.address);
    const closed = new Promise((resolve) => session.once("close", resolve));
    const headers = { ":method": "POST", ":path": method, "content-type": "application/grpc" };
    let count = 0;
    const flood = () => {
      for (let n = 0; n < 100 && !session.closed && !session.destroyed; n++, count++) {
        const stream = session.request(headers);
        stream.on("error", () => undefined);
        stream.close(http2.constants.NGHTTP2_CANCEL);
      }
      if (!session.closed && !session.destroyed && count < 20_000) setImmediate(flood);
    };
    flood();
    await closed;
    expect(count).toBeLessThan(20_000);
    await works(serving);
  });

  it("calls that never end do not fill the memory, and end after the timeout", async () => {
    const serving = await serveCalls({ max_body: "1MiB", max_receiving: "1MiB", timeout: "1s" });
    const session = connect(serving.address);
    const streams = Array.from({ length: 90 }, () => {
      const stream = session.request({ ":method": "POST", ":path": method, "content-type": "application/grpc" });
      let code: unknown;
      stream.on("response", (headers) => (code = headers["grpc-status"]));
      stream.on("error", () => undefined);
      stream.write(Buffer.concat([Buffer.from([0, 0, 0x10, 0, 0]), Buffer.alloc(30_000)]));
      return () => code;
    });
    await until(() => streams.every((code) => code() !== undefined));
    // Some are ended as others need the memory, the rest by the time.
    expect(new Set(streams.map((code) => Number(code())))).toEqual(new Set([4, 14]));
    await works(serving);
  });

  it("more calls at a time than there may be: those of the one that has the most are refused, and others go on", async () => {
    const serving = await serveCalls();
    const refused: unknown[] = [];
    const begin = () => {
      const session = connect(serving.address);
      for (let n = 0; n < 100; n++) {
        const stream = session.request({ ":method": "POST", ":path": method, "content-type": "application/grpc" });
        stream.on("error", () => undefined);
        stream.on("response", (headers) => refused.push(headers["grpc-status"]));
      }
    };
    for (let connections = 0; connections < 21; connections++) begin();
    await until(() => refused.length >= 2_100 - 2_048);
    expect(new Set(refused.map(Number))).toEqual(new Set([14]));
    // Another client has its share.
    const session = connect(serving.address, { localAddress: "127.0.0.2" } as object);
    expect(await call(session, framed(body))).toMatchObject(ok);
    await came(serving, 2);
    expect(refused).toHaveLength(2_100 - 2_048);
  });

  it("connections that say nothing, or what is not HTTP/2 or too large, are closed", async () => {
    const serving = await serveCalls({ timeout: "500ms" });
    const [host = "", port = ""] = serving.address.split(":");
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    // A frame of 16 MiB, where 16 KiB are allowed.
    const huge = `${preface}\xff\xff\xff\0\0\0\0\0\x01`;
    const closed = ["", "GET / HTTP/1.1\r\nhost: x\r\n\r\n", "\0".repeat(100), preface, huge].map(
      (text) =>
        new Promise<void>((resolve) => {
          const socket = connectSocket(Number(port), host, () => socket.write(text, "latin1"));
          socket.on("error", () => undefined).on("close", () => resolve());
          socket.resume();
          onTestFinished(() => void socket.destroy());
        }),
    );
    await Promise.all(closed);
    await works(serving);
  });

  it("more connections than max_connections: those that do nothing give way", async () => {
    const serving = await serveCalls({ max_connections: 4 });
    const sessions = Array.from({ length: 12 }, () => connect(serving.address));
    await until(() => sessions.filter(({ destroyed }) => destroyed).length >= 8);
    expect(serving.log.join()).toContain('there are more than "max_connections"');
    const left = sessions.filter(({ destroyed }) => !destroyed);
    expect(await call(left[0]!, framed(body))).toMatchObject(ok);
    await came(serving, 2);
  });
});

it.each([false, true])("a connection that came before its server, in a reload, is served; TLS: %s", async (isTls) => {
  if (isTls && !hasOpenssl) return;
  const address = `127.0.0.1:${await freePort()}`;
  const done = keepListeners();
  onTestFinished(done);
  await listenAhead(address);
  const own = isTls ? authority(temporaryDir(), "own") : undefined;
  const session = connect(address, own && { ca: readFileSync(own.ca) });
  const ended = call(session, framed(body));
  await sleep(200);
  const serving = await serveCalls({ grpc_listen: address, ...(own && { tls: own.issue("weir") }) });
  expect(await ended).toMatchObject(ok);
  await came(serving, 2);
});

it("stops when all calls are answered, and takes no more", async () => {
  const serving = await serveCalls();
  const session = connect(serving.address);
  expect(await call(session, framed(body))).toMatchObject(ok);
  const calls = Array.from({ length: 20 }, (_, n) =>
    call(session, framed(protobufRequest([recordOfEvent({ attributes: { n } }, 1)]))).catch(() => undefined),
  );
  await serving.runtime.stop(5_000);
  const answered = (await Promise.all(calls)).filter((ended) => ended?.code === 0).length;
  expect(serving.kept.length).toBeGreaterThanOrEqual(2 + answered);
  await expect(call(connect(serving.address), framed(body))).rejects.toThrow();
});
