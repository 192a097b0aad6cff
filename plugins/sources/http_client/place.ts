import type { Checkpoint, Json } from "weir";

/** What is known of a page that was read before, to tell whether it has changed. */
export interface Seen {
  readonly digest: string;
  readonly etag: string | null;
  readonly modified: string | null;
}

/** What to fetch next. */
export interface PagePlace {
  readonly url: string;
  /** Number of pages before it: part of the stream id, so that the same content at a later place is another page. */
  readonly number: number;
  /** Set when the URL was read before: then only a changed page is read. */
  readonly seen?: Seen;
}

/** What the checkpoint of a page holds: which page it is, and what comes after it. */
export interface Detail extends Seen {
  /** The configured URL; the place is valid for this URL only. */
  readonly from: string;
  readonly url: string;
  readonly number: number;
  /** Bytes of the page; a position below it means that the page is committed only in part. */
  readonly length: number;
  readonly next: string | null;
}

/** The place after a page: its next page, or the page itself if it is the last one so far. */
export const after = ({ url, number, next, digest, etag, modified }: Detail): PagePlace =>
  next === null ? { url, number: number + 1, seen: { digest, etag, modified } } : { url: next, number: number + 1 };

export interface Resumed {
  readonly place: PagePlace;
  /** Stream and length of the last page; its checkpoint is dropped when the next one is read. */
  readonly last: { readonly stream: string; readonly length: number } | undefined;
  /** Streams whose checkpoints are no longer needed. */
  readonly stale: readonly (readonly [stream: string, position: number])[];
}

/** Finds the place in the checkpoints: after the last page, or at it if it is committed only in part. */
export const resume = (checkpoints: ReadonlyMap<string, Checkpoint>, from: string): Resumed => {
  const known = [...checkpoints].map(([stream, { position, detail }]) => ({ stream, position, detail: read(detail) }));
  const [last] = known
    .filter(({ detail }) => detail?.from === from)
    .sort((a, b) => b.detail!.number - a.detail!.number);
  const stale = known.filter((one) => one !== last).map(({ stream, position }) => [stream, position] as const);
  if (!last?.detail) return { place: { url: from, number: 0 }, last: undefined, stale };
  const { detail, stream, position } = last;
  const isWhole = position >= detail.length;
  const place = isWhole ? after(detail) : { url: detail.url, number: detail.number };
  return { place, last: { stream, length: detail.length }, stale };
};

const read = (detail: Json): Detail | undefined =>
  typeof detail === "object" && detail !== null && "from" in detail ? (detail as unknown as Detail) : undefined;
