import { headBytes, type LineHandlers, type Shared } from "./lines.ts";

/** Elements of a list and where they lie, or a value by itself. */
interface Found {
  readonly start: number;
  readonly end: number;
}

/** A body longer than this, in bytes, is not cut: it has to be in memory whole. */
const maxBody = 256 * 1024 * 1024;

/**
 * One stream of JSON values, cut into items in the bytes, before anything is parsed: an array into its elements, an
 * object with a list under `items` into the list's, and any other value is an item by itself. Items of a Kubernetes list
 * (`kind: EventList`) leave out what the list says once; they get it back.
 */
export class ItemsFraming {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #start: number;
  #length = 0;

  /** `limit`: longest item, in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number) {
    this.#limit = limit;
    this.#start = position;
  }

  /** Where the stream begins: items are handed on only at its end. */
  get reached(): number {
    return this.#start;
  }

  push(block: Buffer, position: number): void {
    if (this.#length === 0) this.#start = position;
    this.#length += block.length;
    if (this.#length <= maxBody) this.#parts.push(Buffer.from(block));
  }

  end(handlers: LineHandlers): void {
    const body = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const [position, length] = [this.#start, this.#length];
    this.#parts.length = 0;
    this.#length = 0;
    this.#start += length;
    if (length > maxBody) handlers.oversize({ position, length, head: Buffer.from(body.subarray(0, headBytes)) });
    else if (length > 0) this.#cut(body, position, handlers);
  }

  #cut(body: Buffer, position: number, handlers: LineHandlers): void {
    const scanner = new Scanner(body);
    for (let start = scanner.skipSpace(0); start < body.length; ) {
      const value = scanner.value(start);
      for (const item of value.items) this.#emit(body, item, position, handlers, value.shared);
      // What is not JSON has no end that could be trusted: the rest is one item, for the dead letter.
      if (value.end === undefined) {
        if (value.rest < body.length) this.#emit(body, { start: value.rest, end: body.length }, position, handlers);
        return;
      }
      start = scanner.skipSpace(value.end);
    }
  }

  #emit(body: Buffer, { start, end }: Found, position: number, handlers: LineHandlers, shared?: Shared): void {
    if (end - start <= this.#limit) handlers.line(body, start, end, position + start, shared);
    else {
      const head = Buffer.from(body.subarray(start, Math.min(end, start + headBytes)));
      handlers.oversize({ position: position + start, length: end - start, head });
    }
  }
}

/** A value at the top: its items, and where it ends; `end` is undefined when it is not JSON from `rest` on. */
interface Value {
  readonly items: readonly Found[];
  readonly shared: Shared | undefined;
  readonly end: number | undefined;
  readonly rest: number;
}

const mark = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  closeList: 0x5d,
  open: 0x7b,
  close: 0x7d,
} as const;

/** What a byte outside of text does: begins text, goes a level in, or out. */
const kinds = new Uint8Array(256);
kinds[mark.quote] = 1;
kinds[mark.open] = 2;
kinds[mark.openList] = 2;
kinds[mark.close] = 3;
kinds[mark.closeList] = 3;

/** Finds where JSON values begin and end; it checks no more of them than that needs. */
class Scanner {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  value(start: number): Value {
    const first = this.#bytes[start];
    if (first === mark.openList) return this.#list(start);
    if (first === mark.open) return this.#object(start);
    const end = this.#end(start);
    if (end === undefined) return { items: [], shared: undefined, end, rest: start };
    return { items: [{ start, end }], shared: undefined, end, rest: end };
  }

  skipSpace(at: number): number {
    const bytes = this.#bytes;
    while (at < bytes.length && bytes[at]! <= 0x20) at++;
    // A byte order mark before everything else.
    return at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? this.skipSpace(3) : at;
  }

  #list(start: number): Value {
    const items: Found[] = [];
    const bytes = this.#bytes;
    let at = this.skipSpace(start + 1);
    if (bytes[at] === mark.closeList) return { items, shared: undefined, end: at + 1, rest: at + 1 };
    for (;;) {
      const end = this.#end(at);
      if (end === undefined) return { items, shared: undefined, end, rest: at };
      const next = this.skipSpace(end);
      if (bytes[next] !== mark.comma && bytes[next] !== mark.closeList)
        return { items, shared: undefined, end: undefined, rest: at };
      items.push({ start: at, end });
      if (bytes[next] === mark.closeList) return { items, shared: undefined, end: next + 1, rest: next + 1 };
      at = this.skipSpace(next + 1);
    }
  }

  /** An object is its list's items if it has a member `items` that is a list; else it is one item. */
  #object(start: number): Value {
    const bytes = this.#bytes;
    const members = new Map<string, Found>();
    let list: Value | undefined;
    let at = this.skipSpace(start + 1);
    while (bytes[at] === mark.quote) {
      const keyEnd = this.#stringEnd(at);
      if (keyEnd === undefined) break;
      const colon = this.skipSpace(keyEnd);
      if (bytes[colon] !== mark.colon) break;
      const name = bytes.toString("latin1", at + 1, keyEnd - 1);
      const valueStart = this.skipSpace(colon + 1);
      const isList = name === "items" && bytes[valueStart] === mark.openList;
      if (isList) list = this.#list(valueStart);
      const end = isList ? list?.end : this.#end(valueStart);
      if (end === undefined) break;
      if (name === "kind" || name === "apiVersion") members.set(name, { start: valueStart, end });
      at = this.skipSpace(end);
      if (bytes[at] === mark.close) {
        if (list) return { ...list, shared: this.#shared(members), end: at + 1, rest: at + 1 };
        return { items: [{ start, end: at + 1 }], shared: undefined, end: at + 1, rest: at + 1 };
      }
      if (bytes[at] !== mark.comma) break;
      at = this.skipSpace(at + 1);
    }
    if (bytes[at] === mark.close && members.size === 0 && !list)
      return { items: [{ start, end: at + 1 }], shared: undefined, end: at + 1, rest: at + 1 };
    // Cut short within or after its list: the items that are whole are items all the same.
    if (list && list.items.length > 0)
      return { items: list.items, shared: this.#shared(members), end: undefined, rest: list.rest };
    return { items: [], shared: undefined, end: undefined, rest: start };
  }

  /** What a Kubernetes list says once for all of its items. */
  #shared(members: ReadonlyMap<string, Found>): Shared | undefined {
    const textAt = (name: string): unknown => {
      const found = members.get(name);
      if (!found || this.#bytes[found.start] !== mark.quote) return undefined;
      try {
        return JSON.parse(this.#bytes.toString("utf8", found.start, found.end));
      } catch {
        return undefined;
      }
    };
    const [kind, apiVersion] = [textAt("kind"), textAt("apiVersion")];
    if (typeof kind !== "string" || !kind.endsWith("List") || typeof apiVersion !== "string") return undefined;
    return { kind: kind.slice(0, -4), apiVersion };
  }

  /** The byte after the value that starts at `at`; undefined when it has no end. */
  #end(at: number): number | undefined {
    const bytes = this.#bytes;
    const first = bytes[at];
    if (first === mark.quote) return this.#stringEnd(at);
    if (first !== mark.open && first !== mark.openList) return this.#wordEnd(at);
    let depth = 0;
    const length = bytes.length;
    for (let i = at; i < length; ) {
      const kind = kinds[bytes[i++]!];
      if (kind === 0) continue;
      if (kind === 1) {
        // `#stringEnd` in place: text is most of a record, and this is where the time goes.
        for (;;) {
          if (i >= length) return undefined;
          const byte = bytes[i++]!;
          if (byte === mark.quote) break;
          if (byte === mark.backslash) i++;
        }
      } else if (kind === 2) depth++;
      else if (--depth === 0) return i;
    }
    return undefined;
  }

  #stringEnd(at: number): number | undefined {
    const bytes = this.#bytes;
    for (let i = at + 1; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === mark.backslash) i++;
      else if (byte === mark.quote) return i + 1;
    }
    return undefined;
  }

  /** A number, a truth value or null: up to what cannot be part of one. */
  #wordEnd(at: number): number | undefined {
    const bytes = this.#bytes;
    let end = at;
    while (end < bytes.length && /[-+.\w]/.test(String.fromCharCode(bytes[end]!))) end++;
    return end > at ? end : undefined;
  }
}
