import { createHash } from "node:crypto";
import type { Data } from "weir";
import { type Decoding, type HttpResponse, knownDecoding, nextLink } from "weir/http";
import type { Place } from "./place.ts";

export interface Pagination {
  /** The URL of the configuration, which cursors are added to. */
  readonly url: string;
  readonly cursor: { readonly param?: string; readonly field?: string };
  readonly records?: string | undefined;
}

/** A page as it goes to the host. */
export interface Page extends Decoding {
  readonly stream: string;
  readonly bytes: Buffer;
  readonly digest: string;
  /** Where the answer leads; null at the end of what there is. */
  readonly next: string | null;
  /** Nothing was on it: to go on at once could be to go on without end. */
  readonly isEmpty: boolean;
}

/** Reads an answer: its records, and where the next page is. Throws a sentence when it is not what the options say. */
export const pageOf = (answer: Pick<HttpResponse, "headers" | "body">, place: Place, pagination: Pagination): Page => {
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
    const content: unknown = JSON.parse(body.toString("utf8"));
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return content as Data;
  } catch {
    // Said below, for everything that is not an object.
  }
  throw new Error(`the answer is not a JSON object, which "cursor" and "records" need`);
};

const at = (content: Data | undefined, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Data | null | undefined)?.[key], content);

/** The records of a list within the answer, an object a line. */
const listed = (content: Data | undefined, records: string) => {
  const list = at(content, records);
  if (!Array.isArray(list))
    throw new Error(`the answer has no list under "${records}", the field that "records" names`);
  const bytes = Buffer.from(list.map((record) => `${JSON.stringify(record)}\n`).join(""));
  return { bytes, framing: "newline", codec: "json", isEmpty: list.length === 0 } as const;
};

/** Where an answer leads; null at the end of what there is. Throws a sentence when that is another server. */
export const nextOf = (
  { headers }: Pick<HttpResponse, "headers">,
  content: Data | undefined,
  place: Place,
  { url, cursor: { param, field } }: Pagination,
): string | null => {
  const next = field === undefined ? nextLink(headers.link as string | undefined, place.url) : undefined;
  if (next !== undefined && new URL(next).origin !== new URL(url).origin)
    throw new Error(
      `the answer leads to another server, ${new URL(next).origin}: what is shown to this one is not for it`,
    );
  if (next !== undefined) return next === place.url ? null : next;
  const value = field === undefined ? undefined : at(content, field);
  if ((typeof value !== "string" && typeof value !== "number") || value === "" || param === undefined) return null;
  const behind = new URL(url);
  behind.searchParams.set(param, String(value));
  return behind.href === place.url ? null : behind.href;
};

const isEmpty = (body: Buffer): boolean =>
  body.length < 256 && /^\s*(\[\s*\]|\{[^[\]]*"items"\s*:\s*\[\s*\][^[\]]*\})\s*$/.test(body.toString("utf8"));
