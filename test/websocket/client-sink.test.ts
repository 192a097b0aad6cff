import { createServer } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { DeliveryError } from "weir";
import { delivery, flaws } from "weir/testing";
import sink from "../../plugins/sinks/websocket_client/index.ts";
import { pushing as opened } from "./at-work.ts";
import { otherSide, until } from "./support.ts";

const events = [delivery({ n: 1 }, "a"), delivery({ n: 2 }, "b"), delivery({ n: 3 }, "c")];
const idOf = (message: string): string => JSON.parse(message).id;

it("is well formed", () => expect(flaws(sink)).toEqual([]));

it("sends an event a message, or an array a write, over one connection", async () => {
  const { address, connections } = await otherSide(() => undefined);
  const single = await opened(address);
  await single.write(events.slice(0, 2));
  await single.write(events.slice(2));
  await until(() => connections[0]?.messages.length === 3);
  expect(connections[0]!.messages).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  const batch = await opened(address, { messages: "batch" });
  await batch.write(events);
  await until(() => connections[1]?.messages.length === 1);
  expect(connections[1]!.messages).toEqual(['[{"n":1},{"n":2},{"n":3}]']);
});

it("waits for acknowledgements, and names the events that are asked for again", async () => {
  const { address } = await otherSide((socket) =>
    socket.on("message", (message) => {
      const id = idOf(String(message));
      socket.send("not an answer");
      socket.send(JSON.stringify(id === "b" ? { retry: id, after: 50 } : { ack: id }));
    }),
  );
  const { write } = await opened(address, { acknowledge: true });
  expect(await write(events)).toEqual({
    failed: [{ index: 1, message: "the server asked for the message to be sent again", final: false }],
  });
  const refused = await write([events[1]!]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DeliveryError);
  expect(refused).toMatchObject({ retryAfter: 50, final: false });
  expect(await write([events[0]!, events[2]!])).toEqual({ failed: [] });
});

it("gives a message the same id when it comes again", async () => {
  const { address, connections } = await otherSide((socket) =>
    socket.on("message", (message) => socket.send(JSON.stringify({ ack: idOf(String(message)) }))),
  );
  const { write } = await opened(address, { acknowledge: true, messages: "batch" });
  await write(events);
  await write(events);
  await write(events.slice(1));
  const ids = connections[0]!.messages.map(idOf);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
  expect(JSON.parse(connections[0]!.messages[0]!).events).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

it("fails what is not acknowledged when the server hangs up, and connects again for the next write", async () => {
  const { address, connections } = await otherSide((socket) =>
    socket.on("message", (message) => {
      if (connections.length === 1) socket.close(1013, "busy");
      else socket.send(JSON.stringify({ ack: idOf(String(message)) }));
    }),
  );
  const { write } = await opened(address, { acknowledge: true });
  await expect(write(events)).rejects.toThrow(`${address} closed the connection with code 1013: busy`);
  expect(await write(events)).toEqual({ failed: [] });
});

it("gives up when its time is over: without a server, without an answer, without anybody who reads", async () => {
  const { address, connections, close } = await otherSide((socket) => socket.pause());
  /** Some time after the connection is there. */
  const soon = (count: number): AbortSignal => {
    const time = new AbortController();
    void until(() => connections.length === count).then(() => setTimeout(() => time.abort(), 200));
    return time.signal;
  };
  const asking = await opened(address, { acknowledge: true });
  await expect(asking.write(events, soon(1))).rejects.toThrow("the server did not acknowledge the message in time");
  const unread = await opened(address);
  const huge = Array.from({ length: 40 }, (_, n) => delivery({ text: "x".repeat(1024 * 1024) }, `${n}`));
  await expect(unread.write(huge, soon(2))).rejects.toThrow("the server stopped reading from the connection");
  const stalling = await opened(address);
  const outcome = stalling.write([delivery({ text: "y".repeat(1024 * 1024) }), ...huge], soon(3));
  await until(() => connections.length === 3);
  // It reads one, and no more.
  connections[2]!.socket.once("ping", () => connections[2]!.socket.pause());
  connections[2]!.socket.resume();
  expect((await outcome)!.failed!.length).toBeGreaterThan(10);
  expect((await outcome)!.failed!.at(-1)).toMatchObject({ message: "the server stopped reading from the connection" });
  await close();
  const nobody = await opened(address);
  await expect(nobody.write(events)).rejects.toThrow(
    `cannot connect: nothing is listening at ${address} (ECONNREFUSED)`,
  );
});

it("says what a server answers to the handshake, and how long it asks to wait", async () => {
  const http = createServer();
  const head = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nConnection: close\r\n\r\n";
  http.on("upgrade", ({ url }, transport) => {
    if (url === "/drip") transport.write(`${head}{"detail":\n`);
    else transport.end(head);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void http.close());
  const { port } = http.address() as { port: number };
  const { write } = await opened(`ws://127.0.0.1:${port}/?token=hidden`);
  const refused = await write(events).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    message: `ws://127.0.0.1:${port}/ answered 503 Service Unavailable`,
    retryAfter: 7000,
  });
  // One that never comes to the end of what it says is not waited for.
  const dripping = await opened(`ws://127.0.0.1:${port}/drip`);
  await expect(dripping.write(events)).rejects.toThrow(/\/drip answered 503 Service Unavailable: \{"detail":$/);
});
