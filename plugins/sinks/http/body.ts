import { promisify } from "node:util";
import { gzip, zstdCompress } from "node:zlib";
import type { Delivery } from "weir";

export type Encoding = "ndjson" | "json_array" | "json";
export type Compression = "none" | "gzip" | "zstd";

export const contentTypes: Readonly<Record<Encoding, string>> = {
  ndjson: "application/x-ndjson",
  json_array: "application/json",
  json: "application/json",
};

const texts: Readonly<Record<Encoding, (events: readonly Delivery[]) => string>> = {
  ndjson: (events) => events.map(({ json }) => `${json}\n`).join(""),
  json_array: (events) => `[${events.map(({ json }) => json).join(",")}]`,
  json: (events) => events.map(({ json }) => json).join(),
};

const compressors: Readonly<Record<Compression, (bytes: Buffer) => Promise<Buffer>>> = {
  none: async (bytes) => bytes,
  gzip: promisify(gzip),
  zstd: promisify(zstdCompress),
};

/** The body for these events; `json` takes a single event. */
export const bodyOf = (events: readonly Delivery[], encoding: Encoding, compression: Compression): Promise<Buffer> =>
  compressors[compression](Buffer.from(texts[encoding](events)));
