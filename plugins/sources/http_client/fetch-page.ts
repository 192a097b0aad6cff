import type { HttpGetter } from "weir";
import { nextOf, type Page, type Pagination, pageOf } from "./page.ts";
import type { Place } from "./place.ts";

/** What came of asking for a page; a failure has a sentence, and what the server said of when to ask again. */
export type Fetched =
  | { readonly kind: "page"; readonly page: Page; readonly etag: string | null; readonly modified: string | null }
  | { readonly kind: "unchanged"; readonly next: string | null }
  | { readonly kind: "failed"; readonly message: string; readonly retryAfter?: string | undefined };

/** Asks for the page at a place, once; it never rejects. */
export const fetchPage = async (
  getter: HttpGetter,
  place: Place,
  pagination: Pagination,
  signal: AbortSignal,
): Promise<Fetched> => {
  const { url, seen } = place;
  const shown = new URL(url).origin + new URL(url).pathname;
  const conditions = {
    ...(seen?.etag && { "If-None-Match": seen.etag }),
    ...(seen?.modified && { "If-Modified-Since": seen.modified }),
  };
  try {
    const answer = await getter.get(url, conditions, signal);
    const { status, headers, body } = answer;
    // A page that is as it was may have got a next one meanwhile.
    if (status === 304) return { kind: "unchanged", next: nextOf(answer, undefined, place, pagination) };
    if (status < 200 || status > 299) {
      const target = headers.location === undefined ? "" : `, to "${headers.location}", which is not followed`;
      return { kind: "failed", message: `"${shown}" answered ${status}${target}`, retryAfter: headers["retry-after"] };
    }
    if (body.length === 0) return { kind: "unchanged", next: null };
    const page = pageOf(answer, place, pagination);
    if (page.digest === seen?.digest) return { kind: "unchanged", next: page.next };
    return { kind: "page", page, etag: headers.etag ?? null, modified: headers["last-modified"] ?? null };
  } catch (error) {
    return { kind: "failed", message: `"${shown}" cannot be read: ${(error as Error).message}` };
  }
};
