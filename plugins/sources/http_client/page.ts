import { createHash } from "node:crypto";
import type { Data } from "weir";
import { ExactNumber, isObject, parseJson } from "weir/fields";
import { type Decoding, type HttpResponse, knownDecoding, nextLink } from "weir/http";
import type { PagePlace } from "./place.ts";

export interface Pagination {
  /** The configured URL, to which cursors are added. */
  readonly url: string;
  readonly cursor: { readonly param?: string; readonly field?: string };
  readonly records?: string | undefined;
}

/** A page for the host. */
export interface Page extends Decoding {
  readonly stream: string;
  readonly bytes: Buffer;
  readonly digest: string;
  /** URL of the next page; null on the last one. */
  readonly next: string | null;
  /** The page has no events: fetching the next one at once could loop without end. */
  readonly isEmpty: boolean;
}

/** Reads a response: its records and its next page. Throws a sentence when it does not match the options. */
export const pageOf = (
  answer: Pick<HttpResponse, "headers" | "body">,
  place: PagePlace,
  pagination: Pagination,
): Page => {
  const { cursor, records } = pagination;
  const content = cursor.field !== undefined || records !== undefined ? parse(answer.body) : undefined;
  const digest = createHash("sha256").update(answer.body).digest("hex").slice(0, 32);
  const stream = createHash("sha256").update(`${place.number}\n${place.url}\n${digest}`).digest("hex").slice(0, 32);
  const body = records === undefined ? {} : listed(content, records);
  return {
    stream,
    digest,
    bytes: answer.body,
    ...knownDecoding(answer.headers["content-type"]),
    next: nextOf(answer, content, place, pagination),
    isEmpty: isEmpty(answer.body),
    ...body,
  };
};

const parse = (body: Buffer): Data => {
  try {
    const content: unknown = parseJson(body.toString("utf8"));
    if (isObject(content)) return content;
  } catch {
    // Reported below, like everything that is not an object.
  }
  throw new Error(`the response is not a JSON object, which "cursor" and "records" require`);
};

const at = (content: Data | undefined, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Data | null | undefined)?.[key], content);

/** The records of a list within the response, one object per line. */
const listed = (content: Data | undefined, records: string) => {
  const list = at(content, records);
  if (!Array.isArray(list))
    throw new Error(`the response has no list in the field "${records}", which "records" names`);
  const bytes = Buffer.from(list.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return { bytes, framing: "newline", codec: "json", isEmpty: list.length === 0 } as const;
};

/** URL of the next page; null on the last one. Throws a sentence when it is on another server. */
export const nextOf = (
  { headers }: Pick<HttpResponse, "headers">,
  content: Data | undefined,
  place: PagePlace,
  { url, cursor: { param, field } }: Pagination,
): string | null => {
  const next = field === undefined ? nextLink(headers.link as string | undefined, place.url) : undefined;
  if (next !== undefined && new URL(next).origin !== new URL(url).origin)
    throw new Error(
      `the next page is on another server, ${new URL(next).origin}; weir does not send its credentials there`,
    );
  if (next !== undefined) return next === place.url ? null : next;
  const value = field === undefined ? undefined : at(content, field);
  if (!isCursor(value) || value === "" || param === undefined) return null;
  const behind = new URL(url);
  behind.searchParams.set(param, String(value));
  return behind.href === place.url ? null : behind.href;
};

const isCursor = (value: unknown): boolean =>
  typeof value === "string" || typeof value === "number" || value instanceof ExactNumber;

const isEmpty = (body: Buffer): boolean =>
  body.length < 256 && /^\s*(\[\s*\]|\{[^[\]]*"items"\s*:\s*\[\s*\][^[\]]*\})\s*$/.test(body.toString("utf8"));
