import type { IncomingHttpHeaders } from "node:http";

/** What comes before the body of a plain request. */
export interface PlainHead {
  readonly method: string;
  readonly url: string;
  /** By name, in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Where the body begins in the block, and its length, in bytes. */
  readonly bodyAt: number;
  readonly bodyLength: number;
  /** Where the digits of the length are. */
  readonly lengthAt: number;
}

/** The most digits of a length. */
const mostDigits = 15;

/** The longest head of a plain request, in bytes. Node reads twice as much. */
export const longestHead = 8 * 1024;

const headEnd = Buffer.from("\r\n\r\n");

/**
 * The whole head. Names are tokens and values are printable ASCII (RFC 9112), so all servers split it in the same way. Nothing in the
 * pattern can match in two ways, so one pass is enough.
 */
const form = /^(?:POST|PUT) \/[\w\-.~%!$&'()*+,;=:@/?]* HTTP\/1\.1(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*)+$/;

/** Headers that change where a request ends, what comes after it, or who may read the answer, and one that Node leaves out. */
const special = new Set([
  "__proto__",
  "transfer-encoding",
  "upgrade",
  "expect",
  "trailer",
  "te",
  "proxy-connection",
  "origin",
]);

const digits = new RegExp(`^[0-9]{1,${mostDigits}}$`);

/** A plain request begins with one of these, or a part of it has arrived. */
const beginnings = ["POST /", "PUT /"].map((text) => Buffer.from(text));

/**
 * Reads the head of a plain request at the start of a block: a POST or PUT in HTTP/1.1 whose body has a length, on a connection
 * that stays open, without anything that servers could read in different ways. "other": it is not plain. "incomplete": it may be
 * plain, but has not arrived completely.
 */
export const plainHead = (block: Buffer): PlainHead | "incomplete" | "other" => {
  if (!beginnings.some((one) => begins(block, one))) return "other";
  const end = block.indexOf(headEnd);
  // Node answers at once if a line ends in another way.
  if (end < 0) return block.length > longestHead || hasBareLineFeed(block) ? "other" : "incomplete";
  if (end > longestHead) return "other";
  const text = block.toString("latin1", 0, end);
  return form.test(text) ? headOf(text, end + headEnd.length) : "other";
};

/**
 * Reads the heads of one connection. Most are the same as the previous one except for the length: these are compared, not parsed. The
 * heads that it returns share their headers, so only the latest may be used.
 */
export class PlainHeads {
  #latest: PlainHead | undefined;
  /** The parts of the latest head before and after the length. */
  #before = Buffer.alloc(0);
  #behind = Buffer.alloc(0);

  next(block: Buffer): PlainHead | "incomplete" | "other" {
    const same = this.#latest && this.#again(block, this.#latest);
    if (same) return same;
    const head = plainHead(block);
    if (typeof head === "string") return head;
    const { lengthAt, bodyAt, headers } = head;
    this.#before = Buffer.from(block.subarray(0, lengthAt));
    this.#behind = Buffer.from(block.subarray(lengthAt + headers["content-length"]!.length, bodyAt));
    this.#latest = head;
    return head;
  }

  #again(block: Buffer, latest: PlainHead): PlainHead | undefined {
    const start = this.#before.length;
    if (this.#before.compare(block, 0, Math.min(start, block.length)) !== 0) return undefined;
    let at = start;
    let bodyLength = 0;
    for (; at < block.length && isDigit(block[at]!) && at - start < mostDigits; at++)
      bodyLength = bodyLength * 10 + block[at]! - zero;
    const bodyAt = at + this.#behind.length;
    if (at === start || bodyAt > block.length || this.#behind.compare(block, at, bodyAt) !== 0) return undefined;
    latest.headers["content-length"] = String(bodyLength);
    this.#latest = { ...latest, bodyAt, bodyLength };
    return this.#latest;
  }
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const zero = 0x30;
const isDigit = (byte: number): boolean => byte >= zero && byte < zero + 10;

const hasBareLineFeed = (block: Buffer): boolean => {
  for (let at = block.indexOf(lineFeed); at >= 0; at = block.indexOf(lineFeed, at + 1))
    if (block[at - 1] !== carriageReturn) return true;
  return false;
};

const begins = (block: Buffer, text: Buffer): boolean => {
  const length = Math.min(block.length, text.length);
  for (let at = 0; at < length; at++) if (block[at] !== text[at]) return false;
  return true;
};

const headOf = (text: string, bodyAt: number): PlainHead | "other" => {
  const lineEnd = text.indexOf("\r\n");
  const headers: Record<string, string> = Object.create(null);
  let lengthAt = 0;
  for (let at = lineEnd + 2; at > 1; ) {
    const colon = text.indexOf(":", at);
    const end = text.indexOf("\r\n", colon);
    const name = text.slice(at, colon).toLowerCase();
    // Servers differ in which of two they use.
    if (special.has(name) || headers[name] !== undefined) return "other";
    const value = text.slice(colon + 1, end < 0 ? text.length : end).trim();
    if (name === "content-length") lengthAt = text.indexOf(value, colon + 1);
    headers[name] = value;
    at = end < 0 ? 0 : end + 2;
  }
  const { host, connection = "keep-alive", "content-length": length = "" } = headers;
  if (host === undefined || connection.toLowerCase() !== "keep-alive" || !digits.test(length)) return "other";
  const methodEnd = text.indexOf(" ");
  const url = text.slice(methodEnd + 1, text.indexOf(" ", methodEnd + 1));
  return { method: text.slice(0, methodEnd), url, headers, bodyAt, bodyLength: Number(length), lengthAt };
};
