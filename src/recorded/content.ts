import type { ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

export interface Content {
  readonly isCompressed: boolean;
  /** The content in blocks, decompressed. Reading them throws an error that says what is wrong with the file. */
  readonly blocks: AsyncIterable<Buffer>;
}

/** How much is decompressed at a time, in bytes. */
const block = 256 * 1024;

/** Opens a file with `open`, and decompresses it if it begins as gzip does, whatever its name is. */
export const readContent = async (
  path: string,
  openStream: (isCompressed: boolean) => ReadStream,
): Promise<Content> => {
  const isCompressed = await isGzip(path);
  const input = openStream(isCompressed);
  if (!isCompressed) return { isCompressed, blocks: input };
  const content = createGunzip({ chunkSize: block });
  // A pipe does not pass errors on.
  input.on("error", (error) => content.destroy(error));
  return { isCompressed, blocks: input.pipe(content) };
};

const isGzip = async (path: string): Promise<boolean> => {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
};
