import { promisify } from "node:util";
import { gzip, zstdCompress } from "node:zlib";
import { type Option, option } from "../option/option.ts";

/** How a sink compresses what it sends, by the name that `Content-Encoding` has for it. */
export type Compression = "none" | "gzip" | "zstd";

const compressors: Readonly<Record<Compression, (bytes: Buffer) => Promise<Buffer>>> = {
  none: async (bytes) => bytes,
  gzip: promisify(gzip),
  zstd: promisify(zstdCompress),
};

/** The same bytes compress to the same bytes each time. */
export const compress = (bytes: Buffer, compression: Compression): Promise<Buffer> => compressors[compression](bytes);

/** How bodies are compressed, for the kinds of compression that a receiver knows. */
export const compressionOption = <const Kind extends Compression>(
  kinds: readonly Kind[],
  byDefault: NoInfer<Kind>,
): Option<Kind> => option.oneOf(...kinds)("Compression of request bodies.", { default: byDefault }) as Option<Kind>;
