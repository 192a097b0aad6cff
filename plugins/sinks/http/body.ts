import type { Delivery } from "weir";
import { type Compression, compress } from "weir/http";

export type Encoding = "ndjson" | "json_array" | "json";

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

/** The body for these events; `json` takes a single event. */
export const bodyOf = (events: readonly Delivery[], encoding: Encoding, compression: Compression): Promise<Buffer> =>
  compress(Buffer.from(texts[encoding](events)), compression);
