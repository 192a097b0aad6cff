import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Refusal } from "weir/http";

const decompress = promisify<Buffer, object, Buffer>(gunzip);

/** Padding is optional, but must be complete. A single character after groups of four is less than a byte. */
const isBase64 = (text: string): boolean => {
  const [, padding] = /^[A-Za-z0-9+/]*(={0,2})$/.exec(text) ?? [];
  return padding !== undefined && (padding === "" ? text.length % 4 !== 1 : text.length % 4 === 0);
};
const lineFeed = Buffer.from("\n");

/**
 * The bytes of the records, each decoded, decompressed, and terminated by a line feed. A record that cannot be decoded becomes a line with
 * the reason and the record. Rejects with a `Refusal`, 413, if all together are larger than `limit` bytes.
 */
export const unpacked = async (records: readonly string[], limit: number): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  for (const [index, record] of records.entries()) {
    const bytes = await bytesOf(record, limit - length).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ERR_BUFFER_TOO_LARGE") return undefined;
      return Buffer.from(`record ${index} cannot be decoded: ${error.message}; in base64: ${JSON.stringify(record)}`);
    });
    length += (bytes?.length ?? 0) + 1;
    if (bytes === undefined || length > limit + 1)
      throw new Refusal(
        413,
        `The decompressed records of the request are larger than ${limit} bytes. Choose a smaller buffer size for the stream.`,
      );
    if (bytes.length === 0) continue;
    parts.push(bytes);
    if (bytes.at(-1) !== 0x0a) parts.push(lineFeed);
  }
  return Buffer.concat(parts);
};

const bytesOf = async (record: string, limit: number): Promise<Buffer> => {
  if (!isBase64(record)) throw new Error("it is not base64");
  const bytes = Buffer.from(record, "base64");
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return isGzip ? await decompress(bytes, { maxOutputLength: Math.max(limit, 1) }) : bytes;
};
