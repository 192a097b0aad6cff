/**
 * A process with many connections at once: `crowd.ts PORT COUNT KIND`. Prints "ready" when each has made its move, and how
 * many had each outcome, as JSON, when all are over.
 */
import type { Socket } from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { open, outcome, post, send } from "./attacks/connection.ts";
import { handshake } from "./attacks/frames.ts";

/** What one connection of a crowd does at first, and what comes of it. */
interface Member {
  readonly moved: Promise<unknown>;
  readonly outcome: Promise<string>;
}

const MiB = 1 << 20;
const forever = 2 ** 31 - 1;
const chunked =
  "POST / HTTP/1.1\r\nHost: orchard\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
const starts = [
  "POST / HTTP/1.1\r\nHost: orchard\r\nX-Slow: ",
  "POST / HTTP/1.1\r\nHost: orchard\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[",
] as const;

const after = (socket: Socket, move: (socket: Socket) => Promise<unknown>): Member => {
  const ended = outcome(socket, forever);
  return { moved: move(socket), outcome: ended };
};

/** Of a connection that is never read from: only an error tells that it is over. */
const unread = (port: number): Member => {
  const socket = open(port);
  const over = new Promise<string>((resolve) => socket.once("close", () => resolve("closed")));
  return { moved: send(socket, handshake()), outcome: over };
};

const drip = async (socket: Socket, start: string): Promise<void> => {
  await send(socket, start);
  const timer = setInterval(() => void socket.write(" "), 1_000).unref();
  socket.once("close", () => clearInterval(timer));
};

/** One GiB of zeros, unless the answer comes before. */
const endlessBody = async (socket: Socket): Promise<void> => {
  await send(socket, chunked);
  const chunk = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(MiB), Buffer.from("\r\n")]);
  for (let sent = 0; sent < 1024; sent++) if (!(await send(socket, chunk))) return;
  await send(socket, "0\r\n\r\n");
};

const compressors = { gzip: gzipSync, deflate: deflateSync, zstd: zstdCompressSync };

const bombs = (): readonly Buffer[] => {
  const spaces = Buffer.alloc(128 * MiB, " ");
  return Object.entries(compressors).map(([encoding, compress]) =>
    post(compress(spaces), { "Content-Encoding": encoding }),
  );
};

const kinds: Readonly<Record<string, () => (port: number, index: number) => Member>> = {
  "silent WebSockets": () => (port) => after(open(port), (socket) => send(socket, handshake())),
  "subscribers that never read": () => unread,
  "slow requests": () => (port, index) => after(open(port), (socket) => drip(socket, starts[index % 2]!)),
  "endless bodies": () => (port) => {
    const { moved, ...member } = after(open(port), endlessBody);
    return { ...member, moved: Promise.race([moved, member.outcome]) };
  },
  bombs: () => {
    const requests = bombs();
    return (port, index) => after(open(port), (socket) => send(socket, requests[index % requests.length]!));
  },
};

const [port, count, kind] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]!];
const join = kinds[kind]!();
const members: Member[] = [];
// No more at once than a server's queue of new connections has room for.
for (let index = 0; index < count; index += 100) {
  const next = Array.from({ length: Math.min(100, count - index) }, (_, n) => join(port, index + n));
  members.push(...next);
  await Promise.all(next.map(({ moved }) => moved));
}
console.log("ready");
// A connection that nobody reads from keeps no process alive once the other side has closed it.
setInterval(() => undefined, 60_000);
const tally: Record<string, number> = {};
for (const { outcome } of members) {
  const word = await outcome;
  tally[word] = (tally[word] ?? 0) + 1;
}
console.log(JSON.stringify(tally));
process.exit(0);
