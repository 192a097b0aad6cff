import { backoff } from "../backoff.ts";
import type { Context } from "../context.ts";
import { authorization, type ClientAuth } from "../http/auth.ts";
import { encodings } from "../http/content-encoding.ts";
import type { ClientTls } from "../http/tls.ts";
import { HttpClient, type HttpResponse } from "../http-client/client.ts";
import { BodyTooLong, wholeBody } from "../http-client/whole-body.ts";
import { RejectError } from "../transform/reject.ts";
import { inTurns } from "./in-turns.ts";

/** A page, and what is made of it. */
export interface TablePage<T> {
  /** What is in the page, for messages, such as `table`. */
  readonly what: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: ClientAuth;
  readonly tls: ClientTls;
  /** Time limit of a request with its response, in milliseconds. */
  readonly timeout: number;
  /** The largest size of the page, in bytes, as sent and decompressed. */
  readonly maxSize: number;
  /** How often to ask whether it has changed, in milliseconds. */
  readonly refresh: number;
  /** Makes it of the body; `changed`: its `Last-Modified`, or when it was fetched, in milliseconds since 1970. */
  read(bytes: Buffer, changed: number): Generator<unknown, T>;
}

/** The waits between attempts while there is nothing yet. */
const waits = { initial: 1_000, max: 60_000 };

/**
 * A table at a URL. It is fetched before the first event, and again in the background at an interval, while events come. What cannot
 * be fetched or used leaves the last one in use.
 */
export class RemoteTable<T extends { readonly size: string }> {
  readonly #page: TablePage<T>;
  readonly #host: Pick<Context<unknown>, "clock" | "log" | "signal">;
  readonly #client: HttpClient;
  readonly #name: string;
  #table: T | undefined;
  #etag: string | undefined;
  #modified: string | undefined;
  #checked = 0;
  #isFetching = false;
  #count = { reloaded: 0, failed: 0 };

  /** Throws an error for people if a file of `tls` cannot be read. */
  constructor(page: TablePage<T>, host: Pick<Context<unknown>, "clock" | "log" | "signal">) {
    this.#page = page;
    this.#host = host;
    this.#client = new HttpClient({ tls: page.tls, maxBody: page.maxSize, timeout: page.timeout });
    const { origin, pathname } = new URL(page.url);
    // The query of a URL may hold a key.
    this.#name = `the ${page.what} "${origin}${pathname}"`;
  }

  /** Resolves when there is a table, or the component ends. It tries again until then. */
  async prepare(): Promise<void> {
    const { clock, log, signal } = this.#host;
    signal.addEventListener("abort", () => this.#client.close(), { once: true });
    for (let failures = 1; !signal.aborted; failures++) {
      const failure = await this.#fetch().catch((error: unknown) => error as Error);
      if (this.#table || !failure || signal.aborted) return;
      const wait = backoff(failures, waits, { atLeast: 500 });
      log.warn(`${this.#name} cannot be used: ${clause(failure)}; events wait for it, and weir tries again`);
      await clock.sleep(wait, signal);
    }
  }

  /** The current table. Throws a `RejectError` if there is none yet. `note` counts what became of changed ones. */
  current(note: (name: string, count?: number) => void): T {
    if (!this.#table) throw new RejectError("no_table", `${this.#name} has not been fetched yet`);
    const now = this.#host.clock.monotonic();
    if (now - this.#checked >= this.#page.refresh && !this.#isFetching) void this.#refresh();
    const { reloaded, failed } = this.#count;
    if (reloaded > 0) note("table_reloaded", reloaded);
    if (failed > 0) note("table_reload_failed", failed);
    if (reloaded + failed > 0) this.#count = { reloaded: 0, failed: 0 };
    return this.#table;
  }

  async #refresh(): Promise<void> {
    const { log, signal } = this.#host;
    const before = this.#table;
    try {
      await this.#fetch();
      if (this.#table === before) return;
      this.#count.reloaded++;
      log.info(`fetched ${this.#name} again: ${this.#table?.size}`);
    } catch (error) {
      if (signal.aborted) return;
      this.#count.failed++;
      log.warn(`${this.#name} cannot be used: ${clause(error as Error)}; the last one stays in use`);
    }
  }

  async #fetch(): Promise<undefined> {
    const { url, headers, auth, maxSize } = this.#page;
    const { clock, signal } = this.#host;
    this.#isFetching = true;
    this.#checked = clock.monotonic();
    try {
      const shown = authorization(auth);
      const all = {
        "accept-encoding": encodings,
        ...(shown !== undefined && { authorization: shown }),
        ...(this.#etag !== undefined && { "if-none-match": this.#etag }),
        ...(this.#modified !== undefined && { "if-modified-since": this.#modified }),
        ...headers,
      };
      const response = await this.#client.send({ method: "GET", url, headers: all }, signal);
      if (response.status === 304 && this.#table) return undefined;
      if (response.status !== 200) throw new Error(answerText(response, url));
      const body = await wholeBody(response, maxSize).catch((error: Error) => {
        throw error instanceof BodyTooLong ? new Error(`${error.message}, which "max_size" allows`) : error;
      });
      const modified = response.headers["last-modified"];
      const table = await inTurns(this.#page.read(body, changedAt(modified, clock.now())));
      if (signal.aborted) return undefined;
      this.#table = table;
      this.#etag = response.headers.etag;
      this.#modified = modified;
      return undefined;
    } finally {
      this.#isFetching = false;
    }
  }
}

/** When a page was changed. A server whose clock is ahead must not make it younger than it is. */
const changedAt = (modified: string | undefined, now: number): number => {
  const at = modified === undefined ? Number.NaN : Date.parse(modified);
  return Number.isNaN(at) ? now : Math.min(at, now);
};

/** What the server answered, and where it wants to be asked instead, without a query, which may hold a key. */
const answerText = ({ status, headers: { location } }: HttpResponse, url: string): string => {
  const answered = `the server answered ${status}`;
  if (status < 301 || status > 308 || location === undefined || !URL.canParse(location, url)) return answered;
  const { origin, pathname } = new URL(location, url);
  return `${answered} and points to "${origin}${pathname}". weir follows no redirects; if you trust that address, give it as "url"`;
};

/** A sentence as a part of another one. */
const clause = ({ message }: Error): string => message.replace(/\.$/, "");
