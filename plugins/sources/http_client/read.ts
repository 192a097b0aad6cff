import type { Reading, SourceContext } from "weir";
import { backoff, retryAfter } from "weir/http";
import { type Fetched, PageFetcher } from "./fetch-page.ts";
import type { HttpClientConfig } from "./options.ts";
import { after, type Detail, type PagePlace, resume } from "./place.ts";

const nothing = new Uint8Array(0);

/** Reads page after page from the committed place, until the signal aborts. */
export async function* readPages(context: SourceContext<HttpClientConfig>): AsyncGenerator<Reading> {
  const { config, checkpoints, clock, signal } = context;
  const { url, interval } = config;
  const fetcher = new PageFetcher(config);
  const { stale, ...start } = resume(checkpoints, url);
  let { place, last } = start;
  for (const [stream, position] of stale) yield { stream, position, bytes: nothing, forget: true };
  try {
    while (!signal.aborted) {
      const fetched = await fetchWithRetries(fetcher, place, context);
      if (!fetched) return;
      if (fetched.kind === "unchanged") {
        if (fetched.next === null) await clock.sleep(interval, signal);
        else place = { url: fetched.next, number: place.number };
        continue;
      }
      const { etag, modified, page } = fetched;
      const { stream, bytes, framing, codec, digest, next, isEmpty } = page;
      const fetchedAt = { from: url, url: place.url, number: place.number };
      const detail: Detail = { ...fetchedAt, length: bytes.length, next, digest, etag, modified };
      yield {
        stream,
        position: 0,
        bytes,
        end: true,
        detail: { ...detail },
        ...(framing && { framing }),
        ...(codec && { codec }),
      };
      // A page is committed together with its place, which replaces the place before.
      if (last && last.stream !== stream)
        yield { stream: last.stream, position: last.length, bytes: nothing, forget: true };
      last = { stream, length: bytes.length };
      place = after(detail);
      if (next === null || isEmpty) await clock.sleep(interval, signal);
    }
  } finally {
    fetcher.close();
  }
}

/** Fetches a page, retrying with growing waits; undefined when the source stops. */
const fetchWithRetries = async (
  fetcher: PageFetcher,
  place: PagePlace,
  { config, clock, signal, log, refused }: SourceContext<HttpClientConfig>,
): Promise<Exclude<Fetched, { readonly kind: "failed" }> | undefined> => {
  for (let failures = 0; ; ) {
    const fetched = await fetcher.fetch(place, signal);
    if (signal.aborted) return undefined;
    if (fetched.kind !== "failed") {
      if (failures > 0) log.info(`the server answers again after ${failures} failed attempts`);
      return fetched;
    }
    failures++;
    refused?.(fetched.reason);
    const asked = retryAfter(fetched.headers ?? {}, clock.now()) ?? 0;
    const wait = backoff(failures, config.backoff, { atLeast: asked });
    if (failures === 1) log.warn(`${fetched.message}; retrying, first in ${wait} ms`);
    else log.debug(`${fetched.message}; retrying in ${wait} ms`);
    await clock.sleep(wait, signal);
    if (signal.aborted) return undefined;
  }
};
