/**
 * Sends prebuilt WebSocket messages over raw sockets, so that it takes little beside the server, and prints a `LoadResult`.
 * Each connection keeps as many messages unacknowledged as it may, and sends again what is answered with `retry`.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { WebSocketLoad } from "./load.ts";
import { Tally } from "./tally.ts";

const { port, bodies, connections, seconds, room } = JSON.parse(process.argv[2]!) as WebSocketLoad;

/** A frame of a client whose mask changes nothing. */
const frameOf = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : length < 65_536 ? 8 : 14);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
};

const messages = bodies.map((path, id) => {
  const payload = Buffer.from(`{"id":${id},"events":${readFileSync(path, "utf8")}}`);
  return { frame: frameOf(1, payload), size: payload.length };
});
const tally = new Tally(seconds);
let next = 0;

/** Calls back for each complete frame of a server, and returns what is left. */
const eachFrame = (data: Buffer, take: (opcode: number, payload: Buffer) => void): Buffer => {
  let at = 0;
  while (at + 2 <= data.length) {
    const length = data[at + 1]!;
    if (length > 125) throw new Error("an answer is longer than 125 bytes");
    if (at + 2 + length > data.length) break;
    take(data[at]! & 15, data.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return data.subarray(at);
};

const opened = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }).on("error", reject);
    socket.once("data", (chunk) => {
      if (chunk.toString("latin1", 9, 12) !== "101") reject(new Error(chunk.toString("latin1", 0, 200)));
      else resolve(socket);
    });
    socket.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
  });

const client = async (): Promise<void> => {
  const socket = await opened();
  const done = Promise.withResolvers<void>();
  /** When the messages of each id that are not acknowledged were sent. */
  const unsafe = messages.map((): number[] => []);
  let count = 0;
  let left: Buffer = Buffer.alloc(0);
  const fill = () => {
    socket.cork();
    for (; count < room && !tally.isOver; count++) {
      const id = next++ % messages.length;
      unsafe[id]!.push(performance.now());
      socket.write(messages[id]!.frame);
    }
    socket.uncork();
    if (count === 0 && tally.isOver) done.resolve();
  };
  const take = (opcode: number, payload: Buffer) => {
    if (opcode === 9) return void socket.write(frameOf(10, payload));
    if (opcode !== 1) return done.reject(new Error(`the server sent a frame of type ${opcode}`));
    const { ack, retry, after } = JSON.parse(payload.toString()) as { ack?: number; retry?: number; after?: number };
    if (ack !== undefined) {
      tally.answered(unsafe[ack]!.shift()!, messages[ack]!.size);
      count--;
    } else if (retry !== undefined) {
      tally.refused++;
      setTimeout(() => socket.write(messages[retry]!.frame), after);
    }
  };
  socket.on("close", () => done.reject(new Error("the server closed a connection")));
  socket.on("data", (chunk) => {
    left = eachFrame(left.length > 0 ? Buffer.concat([left, chunk]) : chunk, take);
    fill();
  });
  fill();
  await done.promise;
  socket.removeAllListeners("close").destroy();
};

await Promise.all(Array.from({ length: connections }, client));
console.log(JSON.stringify(tally.result()));
