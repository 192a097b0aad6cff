import { randomBytes } from "node:crypto";
import { deflateRawSync } from "node:zlib";

export interface FrameOptions {
  readonly fin?: boolean;
  /** The reserved bits; 4 means compressed. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** The length that the frame announces, if it is not that of its payload. */
  readonly length?: bigint;
}

/** One WebSocket frame as bytes (RFC 6455, section 5.2), right or wrong. */
export const frame = (
  opcode: number,
  payload: Uint8Array | string = "",
  { fin = true, reserved = 0, isMasked = true, length }: FrameOptions = {},
): Buffer => {
  const data = Buffer.from(payload);
  const size = length ?? BigInt(data.length);
  const mask = isMasked ? 0x80 : 0;
  const head = [(fin ? 0x80 : 0) | (reserved << 4) | opcode];
  const long = Buffer.alloc(size > 0xffffn ? 8 : size > 125n ? 2 : 0);
  if (long.length === 8) long.writeBigUInt64BE(size);
  else if (long.length === 2) long.writeUInt16BE(Number(size));
  head.push(mask | (long.length === 8 ? 127 : long.length === 2 ? 126 : Number(size)));
  if (!isMasked) return Buffer.concat([Buffer.from(head), long, data]);
  const key = randomBytes(4);
  return Buffer.concat([Buffer.from(head), long, key, data.map((byte, index) => byte ^ key[index % 4]!)]);
};

const close = 8;
export const [continuation, text, binary, ping] = [0, 1, 2, 9] as const;

/** A compressed message of one MiB of spaces for each KiB of it. */
const bomb = deflateRawSync(Buffer.alloc(64 << 20, " "), { level: 9 });

/** What breaks the protocol, as the bytes after the handshake. */
export const violations: Readonly<Record<string, Buffer>> = {
  "a frame that is not masked": frame(text, "{}", { isMasked: false }),
  "a reserved bit": frame(text, "{}", { reserved: 1 }),
  "all reserved bits": frame(text, "{}", { reserved: 7 }),
  "a reserved opcode": frame(3, "{}"),
  "a reserved control opcode": frame(11, "{}"),
  "a continuation of nothing": frame(continuation, "{}"),
  "a new message within another": Buffer.concat([frame(text, "[", { fin: false }), frame(text, "{}")]),
  "a ping in fragments": frame(ping, "a", { fin: false }),
  "a ping of 126 bytes": frame(ping, "a".repeat(126)),
  "a close frame of one byte": frame(close, "a"),
  "a close frame with a code that is reserved": frame(close, Buffer.from([0x03, 0xed])),
  "a close frame whose reason is not UTF-8": frame(close, Buffer.from([0x03, 0xe8, 0xff, 0xfe])),
  "text that is not UTF-8": frame(text, Buffer.from([0xff, 0xfe, 0xfd])),
  "a length of 2^63": frame(text, "", { length: 1n << 63n }),
  "a length of 2^62": frame(binary, "", { length: 1n << 62n }),
  "a length over the limit": frame(binary, "", { length: 1n << 33n }),
  "a compressed bomb": frame(binary, bomb, { reserved: 4 }),
  "a compressed frame that is not compressed": frame(text, "apples", { reserved: 4 }),
  "a request after the handshake": Buffer.from("GET / HTTP/1.1\r\nHost: orchard\r\n\r\n"),
};

/** The request that opens a WebSocket connection. */
export const handshake = (path = "/", headers: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: orchard",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Extensions: permessage-deflate",
    ...headers,
    "\r\n",
  ].join("\r\n");
