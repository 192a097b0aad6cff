import { crc32 } from "node:zlib";

/**
 * A frame of a segment file: length of the body (u32, little endian), CRC-32 of the body (u32), then the body, which is
 * two lines of JSON: what the host knows, and the data.
 */
export const headerBytes = 8;

/** One frame around `head` and `data`, both one line of JSON. */
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
  /** Bytes of the whole frame. */
  readonly size: number;
}

/**
 * The frame that starts at `offset`; the size in bytes that must be at hand when `buffer` ends before it does.
 * Throws when the checksum is wrong: the file is damaged.
 */
export const decodeFrame = (buffer: Buffer, offset: number): Frame | { readonly wanted: number } => {
  if (buffer.length - offset < headerBytes) return { wanted: headerBytes };
  const size = headerBytes + buffer.readUInt32LE(offset);
  if (buffer.length - offset < size) return { wanted: size };
  const body = buffer.subarray(offset + headerBytes, offset + size);
  if (crc32(body) !== buffer.readUInt32LE(offset + 4))
    throw new Error(`the checksum of the frame at byte ${offset} is wrong`);
  const lineEnd = body.indexOf(0x0a);
  return { head: body.toString("utf8", 0, lineEnd), data: body.toString("utf8", lineEnd + 1), size };
};
