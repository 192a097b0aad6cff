import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { Offer, Reading } from "weir";
import { systemClock } from "weir/testing";
import { connectWebSocket } from "weir/websocket";
import { connected, listening, refusalOf, until } from "./support.ts";

const server = (more: Readonly<Record<string, unknown>>) => ({
  type: "websocket_server",
  listen: "127.0.0.1:0",
  acknowledge: true,
  ...more,
});

it("a client with all connections makes room for others, up to their share", async () => {
  const { address } = await listening(server({ max_connections: 4 }));
  const url = await address();
  const from = (localAddress: string) => connected(url, { localAddress } as object);
  const many = [];
  for (let n = 0; n < 4; n++) many.push(await from("127.0.0.2"));
  const closes = many.map((socket) => once(socket, "close"));
  const others = [await from("127.0.0.3"), await from("127.0.0.3")];
  // The newest ones.
  for (const close of closes.slice(2)) expect((await close)[0]).toBe(1013);
  expect((await refusalOf(url, { localAddress: "127.0.0.3" } as object)).status).toBe(503);
  expect([...many.slice(0, 2), ...others].map(({ readyState, OPEN }) => readyState === OPEN)).not.toContain(false);
});

it("messages that are never finished shut nobody out", async () => {
  const { address, readings } = await listening(server({ max_buffered: "1MiB", max_payload: "1MiB" }));
  const url = await address();
  const greedy = await Promise.all(
    Array.from({ length: 3 }, () => connected(url, { localAddress: "127.0.0.2" } as object)),
  );
  for (const client of greedy) client.send("x".repeat(340 * 1024), { fin: false });
  await until(() => greedy.every(({ bufferedAmount }) => bufferedAmount === 0));
  const honest = await connected(url, { localAddress: "127.0.0.3" } as object);
  const answer = once(honest, "message");
  honest.send(`{"id":1,"events":[{"filler":"${"y".repeat(200 * 1024)}"}]}`);
  expect(String((await answer)[0])).toBe('{"ack":1}');
  expect(readings.length).toBe(1);
});

it.each([true, false])(
  "a client whose messages are not settled shuts nobody out; acknowledge: %s",
  async (acknowledge) => {
    const settles: (() => void)[] = [];
    const offer = (reading: Reading): Offer => {
      settles.push(() => reading.settled?.("committed"));
      return "accepted";
    };
    const { address, readings } = await listening(server({ acknowledge }), { offer });
    const url = await address();
    const message = (id: number | string) =>
      acknowledge ? `{"id":"${id}","events":[{"n":"${id}"}]}` : `{"n":"${id}"}`;
    const from = (localAddress: string) => connected(url, { localAddress } as object);
    const greedy = [await from("127.0.0.2"), await from("127.0.0.2")];
    for (let n = 0; n < 4_000; n++) greedy[n % 2]!.send(message(n));
    await until(() => readings.length >= 2_048);
    const modest = await from("127.0.0.3");
    const third = await from("127.0.0.4");
    const texts = () => readings.map(({ bytes }) => Buffer.from(bytes).toString());
    for (const [name, client] of [
      ["modest", modest],
      ["third", third],
    ] as const) {
      client.send(message(name));
      await until(() => texts().some((text) => text.includes(name)));
    }
    // Alone, it had all; its share has not grown.
    expect(texts().filter((text) => /"n":"\d/.test(text)).length).toBe(2_048);
    // What was held is taken as others are settled.
    while (!acknowledge && readings.length < 4_002) {
      for (const settle of settles.splice(0)) settle();
      await systemClock.sleep(5);
    }
  },
);

it("a client that has sent whole messages, and is silent now, is not closed for others", async () => {
  const { address, readings } = await listening(server({ max_buffered: "1MiB", max_payload: "1MiB" }));
  const url = await address();
  const from = (localAddress: string) => connected(url, { localAddress } as object);
  const silent = await Promise.all(Array.from({ length: 3 }, () => from("127.0.0.3")));
  for (const client of silent) client.send(`{"id":1,"events":[{"filler":"${"y".repeat(10 * 1024)}"}]}`);
  await until(() => readings.length === 3);
  await systemClock.sleep(1_100);
  const greedy = await Promise.all(Array.from({ length: 2 }, () => from("127.0.0.2")));
  const closed = Promise.race(greedy.map((client) => once(client, "close")));
  for (const client of greedy) client.send("x".repeat(700 * 1024), { fin: false });
  expect((await closed)[0]).toBeOneOf([1013, 1006]);
  expect(silent.map(({ readyState, OPEN }) => readyState === OPEN)).not.toContain(false);
});

it("whole messages that wait for room take no client's share of the memory", async () => {
  let hasRoom = false;
  const offer = (reading: Reading): Offer => {
    if (!hasRoom) return "full";
    queueMicrotask(() => reading.settled?.("committed"));
    return "accepted";
  };
  const options = server({ acknowledge: false, max_buffered: "1MiB", max_payload: "1MiB" });
  const { address, readings, log } = await listening(options, { offer });
  const url = await address();
  const from = (localAddress: string) => connected(url, { localAddress } as object);
  const greedy = await Promise.all(Array.from({ length: 6 }, () => from("127.0.0.2")));
  for (const client of greedy) client.send(`{"filler":"${"x".repeat(200 * 1024)}"}`);
  // Five are held, and the sixth is one too many.
  await until(() => greedy.some(({ readyState, CLOSED }) => readyState === CLOSED));
  const modest = await from("127.0.0.3");
  modest.send(`{"modest":"${"y".repeat(300 * 1024)}"}`);
  await until(() => modest.bufferedAmount === 0);
  await systemClock.sleep(100);
  expect(modest.readyState).toBe(modest.OPEN);
  hasRoom = true;
  await until(() => readings.some(({ bytes }) => Buffer.from(bytes).includes("modest")));
  const closed = log.lines.filter(({ message }) => message.includes("exceed max_buffered"));
  expect(closed.filter(({ fields }) => !String(fields?.["peer"]).startsWith("127.0.0.2:"))).toEqual([]);
});

it("a refused upgrade is closed, even if the client keeps its side open", async () => {
  const { address } = await listening(server({ path: "/in" }));
  const { hostname, port } = new URL(await address());
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const closed = once(socket, "close").catch(() => undefined);
  socket.write(
    "GET /out HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  socket.resume();
  await once(socket, "end");
  // Bytes for a closed connection bring back a reset.
  const writing = setInterval(() => socket.write("x"), 50);
  await closed;
  clearInterval(writing);
});

it("a server that drips the answer to the handshake is given up after connect_timeout", async () => {
  const dripping = createServer((socket) => {
    socket.on("error", () => undefined).write("HTTP/1.1 101 Switching Protocols\r\n");
    const drip = setInterval(() => socket.write("x: y\r\n"), 50);
    socket.once("close", () => clearInterval(drip));
  });
  await new Promise<void>((resolve) => dripping.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void dripping.close());
  const { port } = dripping.address() as { port: number };
  const config = {
    url: `ws://127.0.0.1:${port}/`,
    headers: {},
    auth: {},
    tls: {},
    connect_timeout: 300,
    ping_interval: 30_000,
    compression: false,
  };
  const options = { maxPayload: 1024, now: systemClock.now(), signal: new AbortController().signal };
  await expect(connectWebSocket(config, options)).rejects.toThrow(`cannot connect to ws://127.0.0.1:${port}/ in time`);
});

it("a client that stops answering pings is disconnected, in the middle of a message as well", async () => {
  const offer = (): Offer => "accepted";
  const { address } = await listening(server({ ping_interval: "50ms" }), { offer });
  const socket = await connected(await address(), { autoPong: false });
  const closed = once(socket, "close");
  socket.send("x".repeat(100), { fin: false });
  await closed;
});
