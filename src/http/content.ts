import type { CodecName, Framing } from "../plugin.ts";
import { Refusal } from "./problem.ts";

/** How a body is split and decoded; the component's own settings apply to what is left out. */
export interface Decoding {
  readonly framing?: Framing | undefined;
  readonly codec?: CodecName | undefined;
  /** The body is text: the component's codec reads it, or `text` if that is `json`. */
  readonly isText?: boolean | undefined;
}

const list: Decoding = { framing: "items", codec: "json" };
const lines: Decoding = { framing: "newline", codec: "json" };
const text: Decoding = { framing: "newline", isText: true };
const asConfigured: Decoding = {};

const types: Readonly<Record<string, Decoding>> = {
  "application/json": list,
  "text/json": list,
  "application/x-ndjson": lines,
  "application/ndjson": lines,
  "application/jsonl": lines,
  "application/x-jsonlines": lines,
  "text/plain": text,
  "text/csv": text,
  "text/tab-separated-values": text,
  // What clients send by default.
  "application/octet-stream": asConfigured,
  "application/x-www-form-urlencoded": asConfigured,
};

const known = "application/json, application/x-ndjson, application/jsonl, text/plain, text/csv";

/** How to read a body of this `Content-Type`; undefined for an unknown type. */
export const knownDecoding = (contentType = ""): Decoding | undefined => {
  const name = contentType.split(";", 1)[0]!.trim().toLowerCase();
  if (name === "") return asConfigured;
  if (Object.hasOwn(types, name)) return types[name];
  return name.endsWith("+json") ? list : undefined;
};

/** Most requests have the type of the one before. */
let latest: { readonly contentType: string | undefined; readonly decoding: Decoding } | undefined;

/** The same for a request. Throws a `Refusal`, 415, for an unknown type or charset. */
export const decodingOf = (contentType: string | undefined): Decoding => {
  if (!latest || latest.contentType !== contentType) latest = { contentType, decoding: acceptedDecoding(contentType) };
  return latest.decoding;
};

const acceptedDecoding = (contentType: string | undefined): Decoding => {
  const decoding = knownDecoding(contentType);
  const refuse = (message: string) => new Refusal(415, message, { "Accept-Post": known });
  if (!decoding) throw refuse(`Content-Type "${contentType}" is not supported; use one of ${known}.`);
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(contentType ?? "")?.[1]?.toLowerCase();
  if (charset === undefined || charsets.has(charset)) return decoding;
  throw refuse(`The charset "${charset}" is not supported; use utf-8.`);
};

const charsets = new Set(["utf-8", "utf8", "us-ascii"]);

/** What a body is, judged by its first character, when it cannot be a JSON array or object; undefined when it may be one. */
export const notJson = (body: Buffer): string | undefined => {
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (at < body.length && body[at]! <= 0x20) at++;
  if (at === body.length) return "The body contains only whitespace";
  if (body[at] === 0x7b || body[at] === 0x5b) return undefined;
  return `The body begins with ${JSON.stringify(body.toString("utf8", at, at + 20))}`;
};
