import { promisify } from "node:util";
import { brotliDecompress, constants, gunzip, inflate, zstdDecompress } from "node:zlib";
import { Refusal } from "./problem.ts";

interface Limits {
  /** Largest result, in bytes. */
  readonly maxOutputLength: number;
  readonly chunkSize: number;
}

type Decompress = (bytes: Buffer, limits: Limits) => Promise<Buffer>;

/** RFC 8878 recommends that decoders support this window of zstd, and refuse a larger one. */
const zstdParams = { [constants.ZSTD_d_windowLogMax]: 23 };

const zstd = promisify<Buffer, object, Buffer>(zstdDecompress);
const formats: Readonly<Record<string, Decompress>> = {
  gzip: promisify<Buffer, object, Buffer>(gunzip),
  "x-gzip": promisify<Buffer, object, Buffer>(gunzip),
  deflate: promisify<Buffer, object, Buffer>(inflate),
  br: promisify<Buffer, object, Buffer>(brotliDecompress),
  zstd: (bytes, limits) => zstd(bytes, { ...limits, params: zstdParams }),
};

/** The supported values of `Content-Encoding`, for headers that list them. */
export const encodings = "gzip, deflate, br, zstd";

/**
 * Decompresses a whole body of at most `maxBody` bytes; `undefined` if it would be larger. Rejects with what zlib says if
 * the bytes do not have this format.
 */
export type Decompressor = (bytes: Buffer, maxBody: number) => Promise<Buffer | undefined>;

/** The decompressor for a `Content-Encoding`, or another header; undefined when there is none. Throws a `Refusal`, 415. */
export const decompressorOf = (encoding: string | undefined, header = "Content-Encoding"): Decompressor | undefined => {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const decompress = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (decompress) return (bytes, maxBody) => inTurn(() => limited(decompress, bytes, maxBody));
  throw new Refusal(415, `${header} "${encoding}" is not supported; use one of ${encodings}.`, {
    "Accept-Encoding": encodings,
  });
};

const limited = async (decompress: Decompress, bytes: Buffer, maxBody: number): Promise<Buffer | undefined> => {
  // Some clients announce an encoding even if there is no body.
  if (bytes.length === 0) return bytes;
  try {
    return await decompress(bytes, { maxOutputLength: maxBody, chunkSize: 64 * 1024 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return undefined;
    throw error;
  }
};

/** A decompressor may take up to 16 MiB for its window, however small the body is. Only so many run at a time. */
const parallel = 2;
let running = 0;
const waiting: (() => void)[] = [];

const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
  if (running < parallel) running++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
};
