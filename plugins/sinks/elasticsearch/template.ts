import type { HttpResponse } from "weir/http";
import type { IndexName } from "./index-name.ts";
import { alertMapping } from "./mapping.ts";
import type { Server } from "./server.ts";

/** An index template for alerts. It is created once, unless one of that name exists. */
export class IndexTemplate {
  readonly #server: Server;
  readonly #index: IndexName;
  readonly #name: string;
  #made: Promise<void> | undefined;

  constructor(server: Server, index: IndexName) {
    this.#server = server;
    this.#index = index;
    this.#name = `weir-${index.pattern.replace(/\*/g, "any")}`;
  }

  /** Resolves when the template is there; rejects with a sentence. */
  async ensure(signal: AbortSignal): Promise<void> {
    this.#made ??= this.#make(signal);
    try {
      await this.#made;
    } catch (error) {
      this.#made = undefined;
      throw error;
    }
  }

  async #make(signal: AbortSignal): Promise<void> {
    const path = `_index_template/${encodeURIComponent(this.#name)}`;
    const found = await this.#server.send("GET", path, signal);
    if (found.status === 200) return;
    if (found.status !== 404) throw this.#refused("read", found);
    const mappings = alertMapping(await this.#server.isOpenSearch(signal));
    const made = await this.#server.send("PUT", path, signal, {
      index_patterns: [this.#index.pattern],
      data_stream: {},
      // More than the templates that come with Elasticsearch have.
      priority: 500,
      template: {
        settings: {
          "index.mapping.ignore_malformed": true,
          "index.mapping.total_fields.limit": 5_000,
        },
        mappings,
      },
      _meta: { description: "Alerts from weir", managed_by: "weir" },
    });
    if (made.status !== 200) throw this.#refused("create", made);
  }

  #refused(verb: string, { status, body }: HttpResponse): Error {
    const said = body
      .toString("utf8", 0, 1000)
      .replace(/[\p{C}\s]+/gu, " ")
      .slice(0, 300);
    return new Error(
      `cannot ${verb} the index template "${this.#name}": ${this.#server.origin} answered ${status}: ${said}`,
    );
  }
}
