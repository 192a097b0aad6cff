import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type Attack, attack, exchange, open, outcome, post, send } from "./connection.ts";
import { shapes } from "./shapes.ts";

const MiB = 1 << 20;
const compressors: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes, { level: 9 }),
  deflate: (bytes) => deflateSync(bytes, { level: 9 }),
  zstd: zstdCompressSync,
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
};

/** Far more than any limit, as one member after the other where the format allows it. */
const bombs = Object.entries(compressors).map(([encoding, compress]) => {
  const piece = compress(Buffer.alloc(64 * MiB, " "));
  return post(Buffer.concat(encoding === "gzip" ? new Array(16).fill(piece) : [piece]), {
    "Content-Encoding": encoding,
  });
});

/** Just below the limit of a body, so that all of it is decompressed and then decoded. */
const largeBodies = Object.entries(compressors).map(([encoding, compress]) =>
  post(compress(Buffer.concat([Buffer.alloc(15 * MiB, " "), Buffer.from("[]")])), { "Content-Encoding": encoding }),
);

const nested = (["gzip, gzip", "deflate, gzip", "gzip"] as const).map((encoding) =>
  post(gzipSync(gzipSync(Buffer.alloc(64 * MiB))), { "Content-Encoding": encoding }),
);

const gzipped = (text: string) => post(gzipSync(text), { "Content-Encoding": "gzip" });
const tiny = [
  gzipped(`[${"1,".repeat(2_000_000)}1]`),
  gzipped(`[${"{},".repeat(20_000)}{}]`),
  gzipped(`{"kind":"List","items":[${"[],".repeat(2_000_000)}0]}`),
  gzipped("7 ".repeat(2_000_000)),
  post(Buffer.from("[".repeat(100_000))),
];

const deepOf = (open: string, close: string, levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
const deep = [
  post(Buffer.from(`[{"a":${deepOf("[", "]", 5_000)}},{"b":${deepOf('{"c":', "}", 5_000)}}]`)),
  post(Buffer.from(deepOf('{"a":', "}", 200_000))),
  post(Buffer.from(`{"kind":"List","items":[{"a":${deepOf("[", "]", 100_000)}}]}`)),
  gzipped(deepOf("[", "]", 4_000_000)),
];

type Run = Attack["run"];

const of =
  (requests: readonly Uint8Array[], patience = 20_000): Run =>
  ({ http }, round) =>
    exchange(http, requests[round % requests.length]!, { patience });

const head = (...headers: readonly string[]) =>
  `POST / HTTP/1.1\r\nHost: orchard\r\nContent-Type: application/json\r\n${headers.map((one) => `${one}\r\n`).join("")}`;

const oneByteChunks: Run = async ({ http }) => {
  const socket = open(http);
  const ended = outcome(socket, 20_000);
  await send(socket, `${head("Transfer-Encoding: chunked")}\r\n`);
  const chunks = "1\r\n[\r\n".repeat(500);
  for (let sent = 0; sent < 20_000; sent += 500) if (!(await send(socket, chunks))) break;
  await send(socket, "0\r\n\r\n");
  return ended;
};

/** Sends a part of what it announces, and then nothing. */
const stalledBody: Run = async ({ http }, round) => {
  const socket = open(http);
  const ended = outcome(socket, 60_000);
  await send(socket, `${head(`Content-Length: ${15 * MiB}`)}\r\n`);
  await send(socket, Buffer.alloc(round % 2 === 0 ? 8 * MiB : 100, " "));
  return ended;
};

/** A byte now and then, of the headers or of the body. */
const dripping: Run = async ({ http }, round) => {
  const socket = open(http);
  const ended = outcome(socket, 60_000);
  const start = round % 2 === 0 ? head() : `${head("Content-Length: 1000")}\r\n`;
  await send(socket, start);
  for (let sent = 0; sent < 300; sent++) {
    await sleep(200);
    if (!(await send(socket, "a"))) break;
  }
  return ended;
};

const silent =
  (isTls: boolean): Run =>
  async ({ http, tls }, round) => {
    const socket = open(isTls ? tls : http);
    const ended = outcome(socket, 60_000);
    // A part of a TLS greeting now and then, or a part of a request line.
    if (round % 3 === 1) await send(socket, isTls ? "\x16\x03\x01\x02\0\x01\0" : "POST / HT");
    return ended;
  };

const all = Object.values(shapes);
const malformed: Run = ({ http }, round) => exchange(http, all[round % all.length]!, { patience: 500 });

const headerFloods = [
  `${head(...Array.from({ length: 20_000 }, (_, n) => `X-${n}: ${n}`))}\r\n`,
  `${head(`X: ${"x".repeat(MiB)}`)}\r\n`,
  `${head(...Array.from({ length: 1_900 }, (_, n) => `X${n}:`))}Content-Length: 2\r\n\r\n[]`,
].map((text) => Buffer.from(text));

/** Asks thousands of times, and does not read the answers. */
const pipelined: Run = async ({ http }) => {
  const socket = open(http).pause();
  const request = "GET /healthz HTTP/1.1\r\nHost: orchard\r\n\r\n".repeat(100);
  let sent = 0;
  for (; sent < 50; sent++) if (!(await Promise.race([send(socket, request), sleep(500, false)]))) break;
  socket.destroy();
  return sent === 50 ? "sent" : "stopped";
};

/** Attacks on the HTTP servers. */
export const httpAttacks: Readonly<Record<string, Attack>> = {
  "compressed bombs": attack(of(bombs), 1, 1_000),
  "bodies of the largest size": attack(of(largeBodies), 1, 2_000),
  "nested compression": attack(of(nested), 1, 2_000),
  "tiny items": attack(of(tiny), 1, 2_000),
  "deep JSON": attack(of(deep), 1, 1_000),
  "one-byte chunks": attack(oneByteChunks, 1, 500),
  "stalled bodies": attack(stalledBody, 8),
  "dripping requests": attack(dripping, 40),
  "silent TCP connections": attack(silent(false), 200),
  "silent TLS connections": attack(silent(true), 200),
  "malformed requests": attack(malformed, 2, 50),
  "header floods": attack(of(headerFloods, 3_000)),
  "pipelined requests": attack(pipelined, 1, 2_000),
};
