import { authorization, encodings, HttpClient, type HttpResponse, wholeBody } from "weir/http";
import type { HttpClientConfig } from "./options.ts";
import { nextOf, type Page, pageOf } from "./page.ts";
import type { PagePlace } from "./place.ts";

/**
 * The result of fetching a page. A failure has a reason for the metrics (`no_answer`, `not_a_page`, or `http_` and the
 * status), a message, and the headers of the response, for its `Retry-After`.
 */
export type Fetched =
  | { readonly kind: "page"; readonly page: Page; readonly etag: string | null; readonly modified: string | null }
  | { readonly kind: "unchanged"; readonly next: string | null }
  | Failed;

interface Failed {
  readonly kind: "failed";
  readonly reason: string;
  readonly message: string;
  readonly headers?: HttpResponse["headers"];
}

/** Fetches pages from the configured server. */
export class PageFetcher {
  readonly #config: HttpClientConfig;
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  /** Throws a sentence when a file of `tls` cannot be read. */
  constructor(config: HttpClientConfig) {
    const shown = authorization(config.auth);
    this.#config = config;
    this.#client = new HttpClient({ tls: config.tls, maxBody: config.max_body, timeout: config.timeout });
    this.#headers = {
      "accept-encoding": encodings,
      ...(shown !== undefined && { authorization: shown }),
      ...config.headers,
    };
  }

  /** Makes one request for the page at a place; it never rejects. */
  async fetch(place: PagePlace, signal: AbortSignal): Promise<Fetched> {
    const { origin, pathname } = new URL(place.url);
    const name = `"${origin}${pathname}"`;
    const failed = (reason: string, error: unknown): Failed => ({
      kind: "failed",
      reason,
      message: `cannot fetch ${name}: ${(error as Error).message}`,
    });
    const request = { method: "GET", url: place.url, headers: this.#headersFor(place) };
    const response = await this.#client.send(request, signal).catch((error: unknown) => failed("no_answer", error));
    if ("kind" in response) return response;
    return this.#read(response, place, name).catch((error: unknown) => failed("not_a_page", error));
  }

  async #read(response: HttpResponse, place: PagePlace, name: string): Promise<Fetched> {
    const { status, headers } = response;
    // An unchanged page may have a next one by now.
    if (status === 304) return { kind: "unchanged", next: nextOf(response, undefined, place, this.#config) };
    if (status < 200 || status > 299) {
      const target =
        headers.location === undefined
          ? ""
          : ` with a redirect to "${headers.location}"; weir does not follow redirects`;
      const message = `${name} answered ${status}${target}`;
      return { kind: "failed", reason: `http_${status}`, message, headers };
    }
    const body = await wholeBody(response, this.#config.max_body);
    if (body.length === 0) return { kind: "unchanged", next: null };
    const page = pageOf({ headers, body }, place, this.#config);
    if (page.digest === place.seen?.digest) return { kind: "unchanged", next: page.next };
    return { kind: "page", page, etag: headers.etag ?? null, modified: headers["last-modified"] ?? null };
  }

  #headersFor({ seen }: PagePlace): Readonly<Record<string, string>> {
    return {
      ...this.#headers,
      ...(seen?.etag && { "if-none-match": seen.etag }),
      ...(seen?.modified && { "if-modified-since": seen.modified }),
    };
  }

  close(): void {
    this.#client.close();
  }
}
