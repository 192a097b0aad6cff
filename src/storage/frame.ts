import { crc32 } from "node:zlib";

/**
 * A frame of a segment file: length of the body (u32, little endian), CRC-32 of the body (u32), then the body, which is
 * two lines of JSON: the head, with what the host knows of the event, and the data.
 */
export const headerBytes = 8;

/** Encodes a frame of `head` and `data`, each one line of JSON. */
export const encodeFrame = (head: string, data: string): Buffer => {
  const headLength = Buffer.byteLength(head);
  const length = headLength + 1 + Buffer.byteLength(data);
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame.write(head, headerBytes, "utf8");
  frame[headerBytes + headLength] = 0x0a;
  frame.write(data, headerBytes + headLength + 1, "utf8");
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(crc32(frame.subarray(headerBytes)), 4);
  return frame;
};

export interface Frame {
  readonly head: string;
  readonly data: string;
  /** Size of the whole frame in bytes. */
  readonly size: number;
  /** What is left of a damaged frame; `head` and `data` are empty then. */
  readonly damaged?: Buffer;
}

/** How much is kept of a damaged frame, in bytes. */
const keptBytes = 64 * 1024;

/** Represents `size` damaged bytes that start with `bytes`, which is copied. */
export const damagedFrame = (bytes: Buffer, size: number): Frame => ({
  head: "",
  data: "",
  size,
  damaged: Buffer.from(bytes.subarray(0, Math.min(size, keptBytes))),
});

/**
 * Decodes the frame at `offset`; one with a wrong checksum is returned as damaged. When `buffer` is too short, returns how many
 * bytes from `offset` on are needed: an impossible length needs more than there are.
 */
export const decodeFrame = (buffer: Buffer, offset: number): Frame | { readonly wanted: number } => {
  if (buffer.length - offset < headerBytes) return { wanted: headerBytes };
  const length = buffer.readUInt32LE(offset);
  // A hole in the file reads as zeros; a body is never empty.
  if (length === 0) return { wanted: Number.POSITIVE_INFINITY };
  const size = headerBytes + length;
  if (buffer.length - offset < size) return { wanted: size };
  const body = buffer.subarray(offset + headerBytes, offset + size);
  if (crc32(body) !== buffer.readUInt32LE(offset + 4)) return damagedFrame(buffer.subarray(offset), size);
  const lineEnd = body.indexOf(0x0a);
  return { head: body.toString("utf8", 0, lineEnd), data: body.toString("utf8", lineEnd + 1), size };
};
