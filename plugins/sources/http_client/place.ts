import type { Checkpoint, Json } from "weir";

/** What is known of a page that was read before: enough to see that it has not changed. */
export interface Seen {
  readonly digest: string;
  readonly etag: string | null;
  readonly modified: string | null;
}

/** What is fetched next. */
export interface Place {
  readonly url: string;
  /** How many pages came before: part of a page's stream id, so that the same content later is another page. */
  readonly number: number;
  /** Set when the URL was read before: only what has changed is of interest. */
  readonly seen?: Seen;
}

/** What the checkpoint of a page says: which page it is, and where it leads. */
export interface Detail extends Seen {
  /** The URL of the configuration: with another one the place means nothing. */
  readonly from: string;
  readonly url: string;
  readonly number: number;
  /** Bytes of the page; a checkpoint below it is of a page that is not committed whole. */
  readonly length: number;
  readonly next: string | null;
}

/** Where the pages go on after one: behind it, or if it is the last one so far, at itself. */
export const after = ({ url, number, next, digest, etag, modified }: Detail): Place =>
  next === null ? { url, number: number + 1, seen: { digest, etag, modified } } : { url: next, number: number + 1 };

export interface Resumed {
  readonly place: Place;
  /** Stream and length of the last page, which is forgotten when the next one is read. */
  readonly last: { readonly stream: string; readonly length: number } | undefined;
  /** Streams that are of no use: to be forgotten. */
  readonly stale: readonly (readonly [stream: string, position: number])[];
}

/** Finds the place in the checkpoints: after the last page that is committed whole, or at the one that is not. */
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
