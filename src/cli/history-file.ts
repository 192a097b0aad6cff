import { createReadStream, createWriteStream, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";

/** The longest line of a file that is imported, in bytes. */
const longestLine = 256 * 1024;

const lineFeed = 0x0a;

/** The lines of a file, decompressed if it ends with `.gz`. Throws an error for people. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  const bytes: Readable = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => bytes.destroy(error));
  let rest = Buffer.alloc(0);
  let number = 1;
  for await (const block of bytes) {
    const all: Buffer = rest.length === 0 ? (block as Buffer) : Buffer.concat([rest, block as Buffer]);
    let start = 0;
    for (let end = all.indexOf(lineFeed); end >= 0; end = all.indexOf(lineFeed, start)) {
      if (end - start > longestLine) throw tooLong(number);
      yield all.toString("utf8", start, end);
      number++;
      start = end + 1;
    }
    rest = Buffer.from(all.subarray(start));
    if (rest.length > longestLine) throw tooLong(number);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

const tooLong = (number: number): Error =>
  new Error(`line ${number}: it is longer than ${longestLine / 1024} KiB, which no line of an export is`);

/** Writes lines to a file, compressed if it ends with `.gz`: all of it, or nothing. Returns how many. */
export const writeLines = async (path: string, lines: Iterable<string>): Promise<number> => {
  const counting = new Counting(lines);
  const part = `${path}.part`;
  try {
    // It contains names and addresses of people.
    const file = createWriteStream(part, { mode: 0o600 });
    if (path.endsWith(".gz")) await pipeline(Readable.from(counting.blocks()), createGzip(), file);
    else await pipeline(Readable.from(counting.blocks()), file);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
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
