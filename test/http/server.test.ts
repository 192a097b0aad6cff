import { connect } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unbalancedComponents, until } from "../runtime/harness.ts";
import { post, sendRaw } from "./client.ts";
import { came, serve } from "./pipeline.ts";

const apples = [{ kind: "russet", grams: 140 }, { kind: "cox", grams: 121, note: "Käse \\ [}" }, { kind: "egremont" }];
const orders = [
  { order: 1, customer: "kim", total: 99, items: [{ sku: "a" }, { sku: "b" }] },
  { order: 2, customer: "kim", items: [] },
  { order: 3, customer: "kim", items: [{ sku: "c" }] },
];
const lines = apples.map((apple) => `${JSON.stringify(apple)}\n`).join("");

describe("bodies", () => {
  it.each([
    ["an array", JSON.stringify(apples, null, 1), "application/json"],
    ["a list", JSON.stringify({ kind: "AppleList", items: apples }), "application/json; charset=UTF-8"],
    ["an array of a type of its own", JSON.stringify(apples), "application/vnd.orchard+json"],
    ["NDJSON", lines, "application/x-ndjson"],
    ["JSON lines without an end", lines.trimEnd(), "application/jsonl"],
    ["values one after the other, by a client that says no type", lines, ""],
    ["the same by curl", lines, "application/x-www-form-urlencoded"],
  ])("%s", async (_, body, type) => {
    const serving = await serve();
    expect(await post(serving.url, body, { type })).toMatchObject({ status: 200, body: "" });
    await came(serving, apples.length);
    expect(serving.kept.map(({ data }) => data)).toEqual(apples);
  });

  it.each([
    ["JSON", "application/json", undefined, orders],
    ["NDJSON", "application/x-ndjson", undefined, orders],
    ["JSON with split_items: always", "application/json", "always", orders.flatMap(({ items }) => items)],
  ])("an order with items is one event, in %s", async (_, type, split_items, expected) => {
    const serving = await serve(split_items === undefined ? {} : { split_items });
    for (const order of orders) expect((await post(serving.url, JSON.stringify(order), { type })).status).toBe(200);
    await came(serving, expected.length);
    expect(serving.kept.map(({ data }) => data)).toEqual(expected);
  });

  it("text is an event a line", async () => {
    const serving = await serve();
    expect((await post(serving.url, "ripe\n\nrotten", { type: "text/plain" })).status).toBe(200);
    await came(serving, 2);
    expect(serving.kept.map(({ data }) => data)).toEqual([{ message: "ripe" }, { message: "rotten" }]);
  });

  it("text goes through the codec of a component that has another one than json", async () => {
    const serving = await serve({ codec: "csv", codec_options: { columns: ["fruit", "state"] } });
    for (const type of ["text/plain", "text/csv; charset=utf-8"])
      expect((await post(serving.url, "plum,ripe\nfig,rotten\n", { type })).status).toBe(200);
    await came(serving, 4);
    const two = [
      { fruit: "plum", state: "ripe" },
      { fruit: "fig", state: "rotten" },
    ];
    expect(serving.kept.map(({ data }) => data)).toEqual([...two, ...two]);
  });

  it("without a type the component's framing and codec decide", async () => {
    const serving = await serve({ framing: "newline", codec: "text" });
    for (const type of ["", "application/octet-stream"])
      expect((await post(serving.url, "ripe\n[", { type })).status).toBe(200);
    await came(serving, 4);
    expect(serving.kept.map(({ data }) => data["message"])).toEqual(["ripe", "[", "ripe", "["]);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
    ["identity", (body: Buffer) => body],
  ] as readonly [string, (body: Buffer) => Buffer][])("Content-Encoding: %s", async (encoding, compress) => {
    const serving = await serve();
    expect((await post(serving.url, compress(Buffer.from(lines)), { encoding })).status).toBe(200);
    await came(serving, apples.length);
    expect(serving.kept.map(({ data }) => data)).toEqual(apples);
  });

  it("no body is no event, whatever its encoding", async () => {
    const serving = await serve();
    expect((await post(serving.url, "")).status).toBe(200);
    for (const encoding of ["gzip", "deflate", "br", "zstd"])
      expect((await post(serving.url, "", { encoding })).status).toBe(200);
    expect((await post(serving.url, "[]")).status).toBe(200);
    expect(serving.runtime.stats().components["in"]?.component_received_events_total).toBe(0);
  });

  it("one item that is no event goes to the dead letter, and the others go on", async () => {
    const serving = await serve();
    const items = [
      ...Array.from({ length: 200 }, (_, n) => ({ n })),
      7,
      ...Array.from({ length: 199 }, (_, n) => ({ n })),
    ];
    expect((await post(serving.url, JSON.stringify(items))).status).toBe(200);
    await came(serving, 399);
    const { in: source } = serving.runtime.stats().components;
    expect(source?.component_dead_letter_events_total).toEqual({ not_an_object: 1 });
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
  });

  it("a small compressed body with very many items neither blocks others nor fills the dead letter", async () => {
    const serving = await serve();
    const bomb = gzipSync(`[${"1,".repeat(2_000_000)}1]`);
    const answer = await post(serving.url, bomb, { encoding: "gzip" });
    expect(answer).toMatchObject({ status: 400, problem: { detail: expect.stringContaining("More than 1000 items") } });
    const { in: source } = serving.runtime.stats().components;
    expect(source?.component_dead_letter_events_total).toEqual({ not_an_object: 1000, too_many_failures: 1 });
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
  });

  it("a large request takes turns with others, and waits for room between its batches", async () => {
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const write = () => opened;
    const serving = await serve({}, { sink: { buffer: { max_size: "64KiB" } }, budget: 64 * 1024, write });
    const count = 20_000;
    const large = post(serving.url, JSON.stringify(Array.from({ length: count }, (_, n) => ({ n }))));
    let isAnswered = false;
    void large.then(() => {
      isAnswered = true;
    });
    expect((await post(`${serving.url}/healthz`, "", { method: "GET" })).status).toBe(200);
    expect(isAnswered).toBe(false);
    const { component_received_events_total: read } = serving.runtime.stats().components["in"]!;
    expect(read).toBeLessThan(count);
    open();
    expect((await large).status).toBe(200);
    await came(serving, count);
    expect(serving.kept.map(({ data }) => data["n"])).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  it("a large request that waits for room is abandoned when weir stops, and its client is told", async () => {
    let isWriting = false;
    const write = () => {
      isWriting = true;
      return new Promise<never>(() => undefined);
    };
    const serving = await serve({}, { sink: { buffer: { max_size: "64KiB" } }, budget: 64 * 1024, write });
    const large = post(serving.url, JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ n }))));
    await until(() => isWriting);
    await serving.runtime.stop(200);
    expect(await large).toMatchObject({ status: 503 });
    expect(await serving.runtime.ended).toEqual({ how: "stopped", hung: ['a write of "out"'] });
  });

  it("a request that is sent again has events of the same ids", async () => {
    const serving = await serve();
    await post(serving.url, lines);
    await post(serving.url, gzipSync(lines), { encoding: "gzip" });
    await post(serving.url, `${lines} `);
    await came(serving, 3 * apples.length);
    const ids = serving.kept.map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(ids.slice(3, 6));
    expect(new Set(ids).size).toBe(6);
  });

  it("however a body is cut on its way, its events are the same", async () => {
    const serving = await serve();
    const compressors = { identity: (body: Buffer) => body, gzip: gzipSync, zstd: zstdCompressSync };
    const event = fc.dictionary(fc.string({ maxLength: 6 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        fc.constantFrom("identity", "gzip", "zstd"),
        fc.boolean(),
        async (events, cuts, encoding, isList) => {
          const before = serving.kept.length;
          const text = JSON.stringify(isList ? { kind: "List", items: events } : events);
          const body: Buffer = compressors[encoding as "gzip"](Buffer.from(text));
          const places = [0, ...cuts.map((cut) => cut % (body.length + 1)).sort((a, b) => a - b), body.length];
          const chunks = places.slice(1).map((end, index) => body.subarray(places[index], end));
          expect((await post(serving.url, chunks, { encoding })).status).toBe(200);
          await came(serving, before + events.length);
          const taken = serving.kept.slice(before).map(({ data }) => JSON.stringify(data));
          expect(taken).toEqual(events.map((one) => JSON.stringify(one)));
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 40 : 10 },
    );
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
  });
});

describe("what is not taken", () => {
  it.each([
    [400, 'The body begins with "apples"', "apples", {}],
    [400, "The body does not match its Content-Encoding", lines, { encoding: "gzip" }],
    [400, "unexpected end", gzipSync(lines).subarray(0, 30), { encoding: "gzip" }],
    [413, "larger than the limit of 1024 bytes", `["${"x".repeat(2000)}"]`, {}],
    [
      413,
      "larger than the limit of 1024 bytes",
      [Buffer.from(`["${"x".repeat(600)}`), Buffer.from(`${"x".repeat(600)}"]`)],
      {},
    ],
    [
      413,
      "larger than the limit of 1024 bytes",
      gzipSync("x".repeat(1_000_000)).subarray(0, 1000),
      { encoding: "gzip" },
    ],
    [415, 'Content-Type "image/png" is not supported', lines, { type: "image/png" }],
    [415, 'The charset "latin1" is not supported', lines, { type: "text/plain; charset=latin1" }],
    [415, 'Content-Encoding "rot13" is not supported', lines, { encoding: "rot13" }],
    [405, "PATCH is not supported", lines, { method: "PATCH" }],
  ])("%i: %s", async (status, detail, body, options) => {
    const serving = await serve({ max_body: "1KiB" });
    const answer = await post(serving.url, body, options);
    expect(answer).toMatchObject({ status, problem: { status, detail: expect.stringContaining(detail) } });
    expect((await post(serving.url, lines)).status).toBe(200);
    expect(serving.runtime.stats().components["in"]?.component_received_events_total).toBe(apples.length);
  });

  it("routes: other paths are not found, and a route may say how its bodies are read", async () => {
    const routes = [{ path: "/apples" }, { path: "/logs/*", framing: "newline", codec: "text" }];
    const serving = await serve({ routes });
    expect(await post(`${serving.url}/pears?ripe=1`, lines)).toMatchObject({
      status: 404,
      problem: { detail: 'There is nothing at "/pears"; the paths here are /apples, /logs/*.' },
    });
    expect((await post(`${serving.url}/applesx`, lines)).status).toBe(404);
    expect((await post(`${serving.url}/apples?a`, "[{}]")).status).toBe(200);
    expect((await post(`${serving.url}/logs/a.b`, "[1]\n[2]", { type: "image/png" })).status).toBe(200);
    await came(serving, 3);
    expect(serving.kept.map(({ data }) => data)).toEqual([{}, { message: "[1]" }, { message: "[2]" }]);
  });

  it("tokens and users", async () => {
    const auth = { tokens: ["blossom", "bough"], users: [{ name: "ada", password: "p:w" }] };
    const serving = await serve({ auth });
    const as = async (authorization?: string) =>
      post(serving.url, "[{}]", { headers: authorization === undefined ? {} : { Authorization: authorization } });
    expect(await as()).toMatchObject({
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="weir", Basic realm="weir", charset="UTF-8"' },
      problem: {
        detail: "The request has no Authorization header; this server requires a bearer token or a user and password.",
      },
    });
    for (const wrong of ["Bearer blossoms", "Bearer ", "Basic blossom", `Basic ${btoa("ada:p")}`, "blossom"])
      expect((await as(wrong)).status).toBe(401);
    for (const right of ["Bearer blossom", "bearer bough", `Basic ${btoa("ada:p:w")}`])
      expect((await as(right)).status).toBe(200);
  });

  it("garbage never ends it", async () => {
    const serving = await serve({ timeout: "200ms" });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), async (bytes, isBody) => {
        const garbage = Buffer.from(bytes);
        if (isBody) {
          const { status } = await post(serving.url, garbage, { encoding: garbage[0]! % 2 ? "gzip" : "identity" });
          expect([200, 400]).toContain(status);
        } else await sendRaw(serving.url, Buffer.concat([garbage, Buffer.from("\r\n\r\n")]));
      }),
      { numRuns: process.env["WEIR_LONG"] ? 40 : 10 },
    );
    expect((await post(serving.url, "[{}]")).status).toBe(200);
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
  }, 30_000);

  it("a request that takes too long to come in gets 408, and its connection is ended", async () => {
    const serving = await serve({ timeout: "100ms" });
    const head = "POST / HTTP/1.1\r\nHost: orchard\r\nContent-Length: 100\r\n\r\n[";
    const answer = await sendRaw(serving.url, head);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("took too long");
  });

  it("bodies that stop arriving give up their memory to others", async () => {
    const serving = await serve({ max_body: "1KiB", max_receiving: "2KiB", timeout: "1h" });
    const head = "POST / HTTP/1.1\r\nHost: orchard\r\nContent-Length: 1024\r\n\r\n";
    const stalled = [1, 2].map(() => sendRaw(serving.url, `${head}[${" ".repeat(1000)}`));
    let status = 0;
    await until(
      () => status === 200,
      async () => {
        ({ status } = await post(serving.url, `[{"text":"${"x".repeat(500)}"}]`));
      },
    );
    expect(await Promise.race(stalled)).toMatch(/^HTTP\/1\.1 408 .*too slowly/s);
    await came(serving, 1);
  });

  it("zstd with a larger window than receivers must support", async () => {
    const serving = await serve();
    const window = (log: number) => ({ params: { [constants.ZSTD_c_windowLog]: log } });
    const body = Buffer.from(JSON.stringify([{ text: "x".repeat(9_000_000) }]));
    const send = (log: number) => post(serving.url, zstdCompressSync(body, window(log)), { encoding: "zstd" });
    expect((await send(23)).status).toBe(200);
    expect(await send(24)).toMatchObject({
      status: 400,
      problem: { detail: expect.stringContaining("too much memory") },
    });
  });

  it("a client that waits for 100 Continue is refused before it sends", async () => {
    const serving = await serve({ max_body: "1KiB" });
    const head = "POST / HTTP/1.1\r\nHost: orchard\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n";
    const answer = await sendRaw(serving.url, head);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
  });
});

it("requests one after the other on one connection are answered in their order", async () => {
  const serving = await serve();
  const one = (body: string, path = "/") =>
    `POST ${path} HTTP/1.1\r\nHost: orchard\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const last = "GET /healthz HTTP/1.1\r\nHost: orchard\r\nConnection: close\r\n\r\n";
  const answer = await sendRaw(serving.url, `${one('[{"n":1}]')}${one("pears")}${one('[{"n":2}]')}${last}`);
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "400", "200", "200"]);
  expect(answer).toMatch(/ok\n$/);
  await came(serving, 2);
});

describe("when there is no room", () => {
  /** A sink that takes nothing until it is let, and an outbox and a budget for only a few events. */
  const blocked = async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const sink = { buffer: { max_size: "4KiB" } };
    const serving = await serve({}, { sink, budget: 4096, write: () => opened });
    const body = JSON.stringify([{ note: "x".repeat(1500) }]);
    const received = () => serving.runtime.stats().components["in"]!.component_received_events_total;
    const waiting: Promise<number>[] = [];
    const answers: number[] = [];
    // What is taken waits for its commit from some time on; a few later the budget is used up.
    while (!answers.includes(429)) {
      const [taken, answered] = [received(), answers.length];
      waiting.push(post(serving.url, body).then(({ status }) => answers[answers.push(status) - 1]!));
      await until(() => received() > taken || answers.length > answered);
    }
    return { serving, open, waiting, body };
  };

  it("a request is refused at once, before its body, with Retry-After", async () => {
    const { serving, open, waiting, body } = await blocked();
    const head = "POST / HTTP/1.1\r\nHost: orchard\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n";
    const answer = await sendRaw(serving.url, `${head}${"x".repeat(100_000)}`);
    expect(answer).toMatch(/^HTTP\/1\.1 429 /);
    expect(answer).toMatch(/\r\nRetry-After: 1\r\n/);
    expect((await post(serving.url, body, { headers: { Expect: "100-continue" } })).status).toBe(429);
    // What was taken is answered when it is committed, and not before.
    open();
    const taken = (await Promise.all(waiting)).filter((status) => status !== 429);
    expect(new Set(taken)).toEqual(new Set([200]));
    expect((await post(serving.url, body)).status).toBe(200);
    await came(serving, taken.length + 1);
    expect(unbalancedComponents(serving.runtime.stats())).toEqual({});
  });

  it("those who wait for a commit that will not come get 503 when weir stops", async () => {
    const { serving, waiting } = await blocked();
    const stopped = serving.runtime.stop(50);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([200, 429, 503]));
    await stopped;
    await expect(post(serving.url, "[{}]")).rejects.toThrow("ECONNREFUSED");
  });
});

it("a body that is coming in when weir stops gets 503", async () => {
  const serving = await serve();
  const answer = sendRaw(serving.url, "POST / HTTP/1.1\r\nHost: orchard\r\nContent-Length: 100\r\n\r\n[");
  await post(serving.url, "[{}]");
  await serving.runtime.stop(1000);
  expect(await answer).toMatch(/^HTTP\/1\.1 503 /);
});

it("bodies that come in together are bounded, whatever becomes of their clients", async () => {
  const serving = await serve({ max_body: "1KiB", max_receiving: "2KiB" });
  const { hostname, port } = new URL(serving.url);
  const slow = Array.from({ length: 3 }, () => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", () => undefined);
    socket.write(`POST / HTTP/1.1\r\nHost: orchard\r\nContent-Length: 1000\r\n\r\n[${" ".repeat(900)}`);
    return socket;
  });
  const statusOf = async () => (await post(serving.url, `[${" ".repeat(600)}{}]`)).status;
  let status = 0;
  const ask = async () => {
    status = await statusOf();
  };
  await until(() => status === 429, ask);
  for (const socket of slow) socket.destroy();
  await until(() => status === 200, ask);
});

describe("web pages", () => {
  const page = "https://console.orchard.example";
  const headers = (more: Readonly<Record<string, string>>) => ({ headers: { "Content-Type": "text/plain", ...more } });

  it("may send only if their origin is listed, and to names that the server has", async () => {
    const serving = await serve({ origins: [page], hosts: ["weir.orchard.example"] });
    const send = (more: Readonly<Record<string, string>>) => post(serving.url, "a", { type: "", ...headers(more) });
    expect(await send({ Origin: "https://evil.example" })).toMatchObject({
      status: 403,
      problem: { detail: 'The origin "https://evil.example" is not allowed; "origins" lists the web pages that are.' },
    });
    expect(await send({ Host: "evil.example" })).toMatchObject({
      status: 403,
      problem: { detail: '"evil.example" is not a name of this server; "hosts" lists the names that it has.' },
    });
    expect((await send({ Host: "weir.orchard.example:8080" })).status).toBe(200);
    expect(await send({ Origin: page })).toMatchObject({
      status: 200,
      headers: { "access-control-allow-origin": page, vary: "Origin" },
    });
    await came(serving, 2);
  });

  it("may ask first, without a token", async () => {
    const serving = await serve({ origins: [page], auth: { tokens: ["open-sesame"] } });
    const ask = (origin: string) =>
      post(serving.url, "", {
        method: "OPTIONS",
        ...headers({ Origin: origin, "Access-Control-Request-Method": "POST" }),
      });
    expect(await ask(page)).toMatchObject({ status: 204, headers: { "access-control-allow-methods": "POST, PUT" } });
    expect((await ask("https://evil.example")).status).toBe(403);
    expect((await post(serving.url, "[{}]", headers({ Origin: page }))).status).toBe(401);
  });
});
