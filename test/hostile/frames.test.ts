import { connect } from "node:net";
import { expect, it } from "vitest";
import { connected, listening, until } from "../websocket/support.ts";
import { frame, handshake, ping, text, violations } from "./attacks/frames.ts";

/** By violation: the code of the close frame. */
const codes: Readonly<Record<string, number>> = {
  "a close frame whose reason is not UTF-8": 1007,
  "text that is not UTF-8": 1007,
  "a compressed frame that is not compressed": 1007,
  "a length of 2^63": 1009,
  "a length of 2^62": 1009,
  "a length over the limit": 1009,
  "a compressed bomb": 1009,
};

/** A connection as bytes, after the handshake. */
const opened = async (address: string) => {
  const { port } = new URL(address);
  const socket = connect(Number(port), "127.0.0.1").on("error", () => undefined);
  let received = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
  });
  socket.write(handshake());
  await until(() => received.includes("\r\n\r\n"));
  return { socket, frames: () => received.subarray(received.indexOf("\r\n\r\n") + 4) };
};

/** The code of a close frame; 0 when there is none. */
const codeIn = (frames: Buffer): number => (frames[0] === 0x88 ? frames.readUInt16BE(2) : 0);

it("each violation of the protocol ends its connection with its code, and nothing of it is taken", async () => {
  const { readings, address } = await listening({
    type: "websocket_server",
    listen: "127.0.0.1:0",
    compression: true,
    max_payload: "1MiB",
  });
  const url = await address();
  const honest = await connected(url);
  const found: Record<string, number> = {};
  const wanted: Record<string, number> = {};
  for (const [name, bytes] of Object.entries(violations)) {
    const { socket, frames } = await opened(url);
    socket.write(bytes);
    await until(() => codeIn(frames()) > 0 || socket.destroyed);
    found[name] = codeIn(frames());
    wanted[name] = codes[name] ?? 1002;
    socket.destroy();
  }
  expect(found).toEqual(wanted);
  honest.send('{"n":1}');
  await until(() => readings.length > 0);
  expect(readings.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['{"n":1}']);
});

it("a client that sends pings and does not read is no burden to the others", async () => {
  const { readings, address } = await listening({ type: "websocket_server", listen: "127.0.0.1:0" });
  const url = await address();
  const { socket } = await opened(url);
  socket.pause();
  const pings = Buffer.concat(new Array(1_000).fill(frame(ping, "a".repeat(125))));
  for (let sent = 0; sent < (process.env["WEIR_LONG"] ? 500 : 50) && !socket.destroyed; sent++) {
    if (!socket.write(pings)) await new Promise((done) => setTimeout(done, 5));
  }
  const honest = await connected(url);
  honest.send('{"n":1}');
  await until(() => readings.length > 0);
  socket.destroy();
});

it("fragments that never end are limited in number, and those of others arrive", async () => {
  const { readings, address } = await listening({ type: "websocket_server", listen: "127.0.0.1:0" });
  const url = await address();
  const { socket, frames } = await opened(url);
  socket.write(frame(text, "[", { fin: false }));
  const more = Buffer.concat(new Array(1_000).fill(frame(0, " ", { fin: false })));
  for (let sent = 0; sent < 200 && codeIn(frames()) === 0; sent++) {
    socket.write(more);
    await new Promise((done) => setImmediate(done));
  }
  await until(() => codeIn(frames()) > 0);
  expect(codeIn(frames())).toBe(1008);
  const honest = await connected(url);
  honest.send('{"n":1}');
  await until(() => readings.length > 0);
  socket.destroy();
});
