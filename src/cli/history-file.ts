import { createReadStream, createWriteStream, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { fileStats } from "../file-stats.ts";
import { longestLine } from "../histories/line.ts";
import { printable } from "../text.ts";

const mebibyte = 1024 * 1024;

const lineFeed = 0x0a;

/** The lines of a file, decompressed if it ends with `.gz`. Throws an error for people. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const bytes: Readable = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => bytes.destroy(error));
  let parts: Buffer[] = [];
  let length = 0;
  let number = 1;
  for await (const block of bytes as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = block.indexOf(lineFeed); end >= 0; end = block.indexOf(lineFeed, start)) {
      length += end - start;
      if (length > longestLine) throw tooLong(number);
      parts.push(block.subarray(start, end));
      yield textOf(parts);
      parts = [];
      length = 0;
      number++;
      start = end + 1;
    }
    length += block.length - start;
    if (length > longestLine) throw tooLong(number);
    if (start < block.length) parts.push(block.subarray(start));
  }
  if (length > 0) yield textOf(parts);
}

const textOf = (parts: readonly Buffer[]): string =>
  parts.length === 1 ? parts[0]!.toString("utf8") : Buffer.concat(parts).toString("utf8");

const tooLong = (number: number): Error =>
  new Error(`line ${number}: it is longer than ${longestLine / mebibyte} MiB, which no line of an export is`);

/**
 * Writes lines to a file, compressed if it ends with `.gz`: all of it, or nothing. What is no file, such as a pipe, gets them as
 * they come. Returns how many. Rejects with an error for people.
 */
export const writeLines = async (path: string, lines: Iterable<string>): Promise<number> => {
  const found = fileStats(path);
  if (found?.isDirectory()) throw new Error(`"${printable(path)}" is a folder; give the path of a file`);
  const counting = new Counting(lines);
  // It is new: nobody else has it open, and a link that stands there is not followed.
  const part = found && !found.isFile() ? undefined : `${path}.${process.pid}.part`;
  try {
    if (part !== undefined) rmSync(part, { force: true });
    // It contains names and addresses of people.
    const file =
      part === undefined ? createWriteStream(path) : createWriteStream(part, { mode: 0o600, flags: "wx", flush: true });
    if (path.endsWith(".gz")) await pipeline(Readable.from(counting.blocks()), createGzip(), file);
    else await pipeline(Readable.from(counting.blocks()), file);
    if (part !== undefined) renameSync(part, path);
  } catch (error) {
    if (part !== undefined) rmSync(part, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "its folder does not exist" : message;
    throw new Error(`"${printable(path)}" cannot be written: ${why}`);
  }
  return counting.count;
};

class Counting {
  count = 0;
  readonly #lines: Iterable<string>;

  constructor(lines: Iterable<string>) {
    this.#lines = lines;
  }

  *blocks(): Iterable<string> {
    for (const line of this.#lines) {
      this.count++;
      yield `${line}\n`;
    }
  }
}
