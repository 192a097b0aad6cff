import { type Delivery, fingerprint } from "weir";
import { type Compression, compress, fixedHeaders } from "weir/http";
import type { IndexName } from "./index-name.ts";
import type { Server } from "./server.ts";

export interface BulkOptions {
  readonly index: IndexName;
  readonly pipeline?: string;
  readonly compression: Compression;
}

/** The longest `_id`, in bytes. */
const longestId = 512;

/** Requests of the bulk API that create events: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk */
export class BulkRequest {
  readonly #options: BulkOptions;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(server: Server, options: BulkOptions) {
    this.#options = options;
    const { pipeline } = options;
    // Of what is delivered, the status is enough.
    const asked =
      "filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason";
    this.#url = server.at(`_bulk?${asked}${pipeline === undefined ? "" : `&pipeline=${encodeURIComponent(pipeline)}`}`);
    this.#headers = { ...fixedHeaders("application/x-ndjson", options), ...server.headers };
  }

  /** All events go to the same URL. Throws a TemplateError if there is no index for the event. */
  target(event: Delivery): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
    this.#options.index.render(event);
    return { url: this.#url, headers: this.#headers };
  }

  async request(events: readonly Delivery[]) {
    const text = events.map((event) => `${this.#action(event)}\n${event.json}\n`).join("");
    const body = Buffer.from(text);
    return {
      method: "POST",
      url: this.#url,
      headers: this.#headers,
      body: await compress(body, this.#options.compression),
    };
  }

  #action(event: Delivery): string {
    const { id } = event;
    const own = Buffer.byteLength(id) > longestId ? fingerprint(id) : id;
    return JSON.stringify({ create: { _index: this.#options.index.render(event), _id: own } });
  }
}
