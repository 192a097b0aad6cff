import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isAbsolute, relative } from "node:path";

const mebibyte = 1024 * 1024;

/**
 * The text of a regular file of at most 1 MiB; throws an error whose message says in a few words why it cannot be read.
 * It never waits for a FIFO, and never reads more than the limit.
 */
export const fileText = (path: string): string => textIn(fileBytes(path));

/** The bytes of a regular file of at most 1 MiB; throws as `fileText` does. */
export const fileBytes = (path: string): Buffer => bytesOf(path, { limit: mebibyte, isPipe: false });

/** The bytes of standard input to its end, at most 1 MiB; rejects with an error like that of `fileText`. */
export const inputBytes = async (): Promise<Buffer> => {
  const blocks: Buffer[] = [];
  let length = 0;
  for await (const block of process.stdin) {
    blocks.push(block);
    length += block.length;
    if (length > mebibyte) throw new Error(tooLarge(mebibyte));
  }
  return Buffer.concat(blocks);
};

/** Like `fileText`, for pipeline files: at most 4 MiB, and also from a pipe that the shell has opened. */
export const pipelineText = (path: string): string =>
  textIn(bytesOf(path, { limit: 4 * mebibyte, isPipe: /^\/dev\/(stdin|fd\/\d+)$/.test(path) }));

interface Reading {
  /** In bytes. */
  readonly limit: number;
  /** Whether the path names an open pipe, which may be waited for. */
  readonly isPipe: boolean;
}

const bytesOf = (path: string, reading: Reading): Buffer => {
  try {
    const descriptor = openSync(path, reading.isPipe ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return bytesIn(descriptor, reading);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(causes[code ?? ""] ?? message, { cause: error });
  }
};

const bytesIn = (descriptor: number, { limit, isPipe }: Reading): Buffer => {
  const stats = fstatSync(descriptor);
  if (stats.isDirectory()) throw new Error("it is a directory");
  if (!stats.isFile() && !(isPipe && stats.isFIFO()))
    throw new Error("it is not a regular file, but a pipe, a socket or a device");
  if (stats.size > limit) throw new Error(tooLarge(limit));
  const blocks: Buffer[] = [];
  for (let length = 0; length <= limit; ) {
    // The size is only a hint: a file can grow, and those under /proc have none.
    const wanted = Math.max(stats.size - length, smallestBlock);
    const block = Buffer.alloc(Math.min(wanted, limit + 1 - length));
    const read = readSync(descriptor, block, 0, block.length, null);
    if (read === 0) return Buffer.concat(blocks);
    blocks.push(block.subarray(0, read));
    length += read;
  }
  throw new Error(tooLarge(limit));
};

/** In bytes. */
const smallestBlock = 4096;

const tooLarge = (limit: number): string => `it is larger than ${limit / mebibyte} MiB`;

/** The text that these bytes are; throws an error whose message says in a few words why they are none. */
export const textIn = (text: Buffer): string => {
  if (text.includes(0)) throw new Error("it is not a text file: it contains zero bytes");
  if (!isUtf8(text)) throw new Error("it is not a text file in UTF-8");
  return text.toString("utf8");
};

const causes: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENXIO: "it is not a regular file, but a pipe, a socket or a device",
};

/** The path relative to the working directory, if it is inside it. */
export const shortPath = (path: string): string => {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) || short === "" ? path : short;
};
