import { createReadStream, statSync } from "node:fs";
import { Decoder, type DecoderOptions } from "../decode/decoder.ts";
import { readContent } from "./content.ts";
import type { TimeReader } from "./time-reader.ts";

/** How much of the end of a file is searched, in bytes. */
const searched = 1024 * 1024;

/**
 * The latest time in the ends of files, in milliseconds since 1970; `undefined` if there is none. A compressed file is read as
 * a whole.
 */
export const lastTime = async (
  paths: readonly string[],
  decoding: DecoderOptions,
  timeOf: TimeReader,
): Promise<number | undefined> => {
  let latest: number | undefined;
  for (const path of paths) {
    const end = await endOf(path);
    const decoder = new Decoder("recorded", path, decoding, end.position);
    const handlers = {
      event: (event: Parameters<TimeReader>[0]) => {
        const { at } = timeOf(event) ?? {};
        if (at !== undefined) latest = Math.max(latest ?? at, at);
      },
      failure: () => undefined,
    };
    decoder.push(end.bytes, end.position, 0, handlers);
    decoder.end(0, handlers);
  }
  return latest;
};

/** The last lines of a file: all of it, or what follows the first line end in its last part. */
const endOf = async (path: string): Promise<{ readonly bytes: Buffer; readonly position: number }> => {
  let kept: Buffer[] = [];
  let [length, position] = [0, 0];
  try {
    const content = await readContent(path, (isCompressed) =>
      createReadStream(path, { start: isCompressed ? 0 : Math.max(0, statSync(path).size - searched) }),
    );
    if (!content.isCompressed) position = Math.max(0, statSync(path).size - searched);
    for await (const block of content.blocks) {
      kept.push(block);
      length += block.length;
      for (let first = kept[0]!; length - first.length > searched; first = kept[0]!) {
        kept.shift();
        length -= first.length;
        position += first.length;
      }
    }
  } catch {
    // Whoever reads the file as a whole reports it.
  }
  const bytes = Buffer.concat(kept);
  kept = [];
  const start = position === 0 ? 0 : bytes.indexOf(0x0a) + 1;
  return { bytes: bytes.subarray(start), position: position + start };
};
