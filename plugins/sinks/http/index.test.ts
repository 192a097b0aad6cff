import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createNetServer } from "node:net";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { DeliveryError, type Plugin } from "weir";
import { delivery, flaws, type OpenedSink, openSink } from "weir/testing";
import { type Receiver, receiver, type Taken } from "../../../test/http/receiver.ts";
import sink from "./index.ts";

let there: Receiver;
let origin: string;
let taken: readonly Taken[];
let answer: (request: Taken, response: ServerResponse) => void;
let writer: OpenedSink | undefined;

beforeEach(async () => {
  answer = (_request, response) => response.end();
  there = await receiver((request, response) => answer(request, response));
  ({ origin, taken } = there);
});

afterEach(() => writer?.close());

const open = async (config: Readonly<Record<string, unknown>> = {}): Promise<OpenedSink> => {
  await writer?.close();
  writer = await openSink(sink, {
    config: {
      url: `${origin}/events`,
      method: "POST",
      encoding: "ndjson",
      compression: "none",
      headers: {},
      auth: {},
      tls: {},
      idempotency_key: "Idempotency-Key",
      final_statuses: [],
      ...config,
    },
  });
  return writer;
};

const events = (...data: readonly Record<string, unknown>[]) =>
  data.map((one, index) => delivery(one, `lines/s@${index}`));
const status = (code: number, headers: Record<string, string> = {}, body = "") => {
  answer = (_request, response) => response.writeHead(code, headers).end(body);
};

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

describe("a request", () => {
  it.each([
    ["ndjson", "application/x-ndjson", ['{"n":1}\n{"n":2}\n']],
    ["json_array", "application/json", ['[{"n":1},{"n":2}]']],
    ["json", "application/json", ['{"n":1}', '{"n":2}']],
  ])("holds events as %s", async (encoding, type, bodies) => {
    expect(await (await open({ encoding, method: "PUT" })).write(events({ n: 1 }, { n: 2 }))).toBeUndefined();
    expect(taken.map(({ body }) => body.toString())).toEqual(bodies);
    for (const { method, url, headers } of taken)
      expect([method, url, headers["content-type"]]).toEqual(["PUT", "/events", type]);
  });

  it.each([
    ["gzip", gunzipSync],
    ["zstd", zstdDecompressSync],
  ])("is compressed with %s", async (compression, decompress) => {
    await (await open({ compression })).write(events({ n: 1 }));
    expect(taken[0]?.headers["content-encoding"]).toBe(compression);
    expect(decompress(taken[0]!.body).toString()).toBe('{"n":1}\n');
  });

  it("bears headers, credentials, and a key that is the same for the same events", async () => {
    const headers = { "X-Team": "{{ team:-none }}", "Content-Type": "application/vnd.example" };
    const all = events({ n: 1 }, { n: 2 });
    await (await open({ headers, auth: { token: "abc" } })).write(all);
    await (await open({ headers, auth: { user: "me", password: "word" } })).write(all);
    await writer!.write(all.slice(0, 1));
    expect(taken[0]?.headers).toMatchObject({
      "x-team": "none",
      "content-type": "application/vnd.example",
      authorization: "Bearer abc",
    });
    expect(taken[1]?.headers.authorization).toBe(`Basic ${Buffer.from("me:word").toString("base64")}`);
    const keys = taken.map(({ headers: { "idempotency-key": key } }) => key);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("is shared by the events that go to the same place", async () => {
    const url = `${origin}/{{ kind }}?v=1`;
    const outcome = await (await open({ url, headers: { "X-Zone": "{{ zone:-a }}" } })).write(
      events({ kind: "x", n: 0 }, { kind: "y/z", n: 1 }, { kind: "x", n: 2 }, { n: 3 }, { kind: "x", zone: "b", n: 4 }),
    );
    expect(taken.map(({ url, headers, body }) => [url, headers["x-zone"], body.toString().match(/\d(?=\})/g)])).toEqual(
      [
        ["/x?v=1", "a", ["0", "2"]],
        ["/y%2Fz?v=1", "a", ["1"]],
        ["/x?v=1", "b", ["4"]],
      ],
    );
    expect(outcome).toEqual({
      failed: [
        {
          index: 3,
          message: 'the event cannot be sent: "kind" has no value; {{ kind:-otherwise }} sets a default',
          final: true,
        },
      ],
    });
  });
});

describe("an answer", () => {
  it("asks for a pause", async () => {
    status(429, { "retry-after": "7" });
    const failure = await (await open()).write(events({ n: 1 }, { n: 2 })).catch((error) => error);
    expect(failure).toBeInstanceOf(DeliveryError);
    expect(failure).toMatchObject({
      final: false,
      retryAfter: 7000,
      message: `${origin} answered 429 Too Many Requests`,
    });
  });

  it("leaves a redirect where it is", async () => {
    status(302, { location: `${origin}/elsewhere` });
    await expect((await open()).write(events({ n: 1 }))).rejects.toThrow("weir does not follow redirects");
    expect(taken).toHaveLength(1);
  });

  it("names the events that were not taken", async () => {
    const failed = [{ index: 1, reason: "too old", final: true }];
    status(207, { "content-type": "application/json" }, JSON.stringify({ failed }));
    expect(await (await open()).write(events({ n: 1 }, { n: 2 }))).toEqual({
      failed: [{ index: 1, message: "too old", final: true }],
    });
  });

  it("that refuses costs the events that are to blame, and no other", async () => {
    const sink = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), async (bad) => {
        const arrived = new Set<number>();
        answer = ({ body }, response) => {
          const sent = body
            .toString()
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line) as { n: number; bad: boolean });
          if (sent.some((event) => event.bad)) return void response.writeHead(400).end("no such field");
          for (const { n } of sent) arrived.add(n);
          response.end();
        };
        const outcome = await sink.write(events(...bad.map((bad, n) => ({ n, bad }))));
        const blamed = (outcome?.failed ?? []).map(({ index, final }) => final && index);
        expect(blamed).toEqual([...bad.keys()].filter((n) => bad[n]));
        expect([...arrived]).toEqual([...bad.keys()].filter((n) => !bad[n]));
      }),
      { numRuns: 30 },
    );
  });

  it("of 413 makes requests smaller", async () => {
    answer = ({ body }, response) => response.writeHead(body.length > 40 ? 413 : 200).end();
    expect(await (await open()).write(events(...Array.from({ length: 20 }, (_, n) => ({ n }))))).toBeUndefined();
    expect(
      taken
        .filter(({ body }) => body.length <= 40)
        .map(({ body }) => body.toString())
        .join(""),
    ).toBe(Array.from({ length: 20 }, (_, n) => `{"n":${n}}\n`).join(""));
  });

  it("of 413 before the whole request, on a connection that is then reset, is about the event that is too long", async () => {
    const port = createNetServer((socket) => {
      let bytes = 0;
      socket.on("error", () => undefined);
      socket.on("data", (part) => {
        bytes += part.length;
        const isLong = bytes > 10_000;
        if (!isLong && part.at(-1) !== 10) return;
        socket.write(
          `HTTP/1.1 ${isLong ? "413 Too Large" : "200 OK"}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        );
        if (!isLong) return void socket.end();
        socket.pause();
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
    });
    await new Promise<void>((resolve) => port.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void port.close());
    const url = `http://127.0.0.1:${(port.address() as AddressInfo).port}/`;
    const long = { n: 2, pad: "x".repeat(8_000_000) };
    const outcome = await (await open({ url })).write(events({ n: 1 }, long, { n: 3 }));
    expect(outcome?.failed).toEqual([{ index: 1, message: expect.stringContaining("answered 413"), final: true }]);
  });

  it("that is busy ends the write, and what was delivered before stays delivered", async () => {
    let count = 0;
    answer = (_request, response) => response.writeHead(++count === 2 ? 503 : 200).end();
    expect(await (await open({ encoding: "json" })).write(events({ n: 1 }, { n: 2 }, { n: 3 }))).toEqual({
      failed: [1, 2].map((index) => ({
        index,
        message: `${origin} answered 503 Service Unavailable`,
        final: false,
      })),
    });
    expect(taken).toHaveLength(2);
  });
});

describe("without a whole answer", () => {
  it("says that nobody listens", async () => {
    await new Promise((resolve) => there.server.close(resolve));
    await expect((await open()).write(events({ n: 1 }))).rejects.toThrow(
      `nothing is listening at ${origin} (ECONNREFUSED)`,
    );
  });

  it.each([
    [
      "is cut",
      (response: ServerResponse) =>
        response.writeHead(200, { "content-length": 9 }).write("half", () => response.destroy()),
    ],
    ["never begins", (response: ServerResponse) => response.destroy()],
  ])("does not count as delivered: it %s", async (_name, act) => {
    answer = (_request, response) => act(response);
    await expect((await open()).write(events({ n: 1 }))).rejects.toThrow(
      `${origin} closed the connection before its response was complete`,
    );
  });

  it("nor one that is not HTTP", async () => {
    answer = (_request, response) => void response.socket?.end("SSH-2.0-nobody\r\n\r\n");
    await expect((await open()).write(events({ n: 1 }))).rejects.toThrow(`the response of ${origin} is not HTTP (HPE_`);
  });

  it("gives up when the time is up", async () => {
    const time = new AbortController();
    answer = (_request, response) => {
      response.writeHead(200).write("x");
      time.abort();
    };
    await expect((await open()).write(events({ n: 1 }), time.signal)).rejects.toThrow(
      `${origin} sent no complete response in time`,
    );
  });

  it("sends again at once what a kept connection lost as it was closed", async () => {
    const sink = await open();
    await sink.write(events({ n: 1 }));
    let isFirst = true;
    answer = (_request, response) => {
      if (isFirst) response.socket?.destroy();
      else response.end();
      isFirst = false;
    };
    expect(await sink.write(events({ n: 2 }))).toBeUndefined();
    expect(taken.map(({ body }) => body.toString())).toEqual(['{"n":1}\n', '{"n":2}\n', '{"n":2}\n']);
  });
});

describe("the check at start", () => {
  const check = async (url: string) =>
    sink.check?.({ config: { url, tls: {} }, signal: new AbortController().signal } as never);

  it("connects, and sends nothing", async () => {
    await check(`${origin}/x`);
    expect(taken).toEqual([]);
  });

  it("says that nobody listens", async () => {
    await new Promise((resolve) => there.server.close(resolve));
    await expect(check(`${origin}/{{ x }}`)).rejects.toThrow(`nothing is listening at ${origin} (ECONNREFUSED)`);
  });
});
