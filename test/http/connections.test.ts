import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { openEndpoint } from "../../src/observe/endpoint.ts";
import { until } from "../runtime/harness.ts";
import { post } from "./client.ts";
import { came, serve } from "./pipeline.ts";

/** A connection from an address of this machine that sends some text, and then nothing. */
const silent = async (url: string, localAddress: string, text = ""): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), localAddress }).on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  if (text !== "") socket.write(text);
  return socket;
};

const silents = (count: number, url: string, localAddress: string, text = ""): Promise<Socket[]> =>
  Promise.all(Array.from({ length: count }, () => silent(url, localAddress, text)));

const head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";

it.each([
  ["silent", ""],
  ["slow to send their headers", head],
  ["idle", `${head}Content-Length: 2\r\n\r\n[]`],
])("a client with all connections, which are %s, shuts nobody out", async (_, text) => {
  const serving = await serve({ max_connections: 10 });
  const flood = await silents(30, serving.url, "127.0.0.2", text);
  for (const localAddress of ["127.0.0.3", "127.0.0.2"])
    expect((await post(serving.url, "[{}]", { localAddress, agent: false } as object)).status).toBe(200);
  await came(serving, 2);
  await until(() => flood.filter(({ destroyed }) => !destroyed).length <= 10);
  const { component_refusals_total } = serving.runtime.stats().components["in"]!;
  expect(component_refusals_total["connection_limit"]).toBeGreaterThanOrEqual(20);
});

it("a client with all connections, on each of which a body trickles, shuts nobody out", async () => {
  const serving = await serve({ max_connections: 10 });
  await silents(10, serving.url, "127.0.0.2", `${head}Content-Length: 1000\r\n\r\n[`);
  const send = () => post(serving.url, "[{}]", { localAddress: "127.0.0.3", agent: false } as object);
  let status = 0;
  await until(
    () => status === 200,
    async () => {
      status = await send().then(
        (answer) => answer.status,
        () => 0,
      );
    },
  );
  expect(status).toBe(200);
});

it("connections of a client with few are not closed for those of one with many", async () => {
  const serving = await serve({ max_connections: 10 });
  const few = await silents(3, serving.url, "127.0.0.3");
  await silents(30, serving.url, "127.0.0.2");
  expect((await post(serving.url, "[{}]", { localAddress: "127.0.0.3", agent: false } as object)).status).toBe(200);
  expect(few.filter(({ destroyed }) => destroyed)).toEqual([]);
});

it("a client that does not read its answers does not keep weir from stopping", async () => {
  const serving = await serve();
  const socket = await silent(serving.url, "127.0.0.2");
  socket.pause();
  socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(100_000));
  // What is sent fills the buffers on the way.
  let before = -1;
  while (before !== socket.bytesWritten - socket.writableLength || before === 0) {
    before = socket.bytesWritten - socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await serving.runtime.stop(60_000);
  expect(await serving.runtime.ended).toEqual({ how: "stopped" });
});

it("a half-closed connection is answered, and closed", async () => {
  const serving = await serve();
  const { hostname, port } = new URL(serving.url);
  for (const [text, wanted] of [
    [`${head}Content-Length: 4\r\n\r\n[{}]`, /^HTTP\/1\.1 200 /],
    [`${head}Content-Length: 400\r\n\r\n[{}]`, /^(HTTP\/1\.1 400 |$)/],
    ["", /^$/],
  ] as const) {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    let answer = "";
    socket.on("data", (data) => {
      answer += String(data);
    });
    socket.end(text);
    await once(socket, "end");
    expect(answer).toMatch(wanted);
  }
});

it("the endpoint for health answers when its connections are used up", async () => {
  const endpoint = await openEndpoint({ host: "127.0.0.1", port: 0 }, {
    version: "0",
    stats: () => ({ uptime_seconds: 1 }),
    notReady: () => new Map(),
    isReady: () => true,
  } as never);
  onTestFinished(() => endpoint.close());
  const flood = await silents(300, endpoint.url, "127.0.0.2", "GET /health HTTP/1.1\r\n");
  expect((await fetch(`${endpoint.url}/health`)).status).toBe(200);
  await until(() => flood.filter(({ destroyed }) => !destroyed).length <= 128);
});
