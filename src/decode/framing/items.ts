import { Body } from "./body.ts";
import { mark, memberAt, type Span, skipSpace, valueEnd } from "./json-scan.ts";
import { headBytes, type LineHandlers, type Shared } from "./lines.ts";

/** A body longer than this, in bytes, is not cut: it has to be in memory whole. */
const maxBody = 256 * 1024 * 1024;

/**
 * One stream of JSON values, cut into items in the bytes, before anything is parsed: an array into its elements, an
 * object with a list under `items` into the list's, and any other value is an item by itself. Items of a Kubernetes list
 * (`kind: EventList`) leave out what the list says once; they get it back.
 */
export class ItemsFraming {
  readonly #limit: number;
  readonly #body: Body;

  /** `limit`: longest item, in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number) {
    this.#limit = limit;
    this.#body = new Body(maxBody, position);
  }

  /** Where the stream begins: items are handed on only at its end. */
  get reached(): number {
    return this.#body.start;
  }

  push(block: Buffer, position: number): void {
    this.#body.push(block, position);
  }

  end(handlers: LineHandlers): void {
    const { bytes, position, length } = this.#body.take();
    if (length > maxBody) handlers.oversize({ position, length, head: Buffer.from(bytes.subarray(0, headBytes)) });
    else if (length > 0) this.#cut(bytes, position, handlers);
  }

  #cut(body: Buffer, position: number, handlers: LineHandlers): void {
    for (let start = skipSpace(body, markLength(body)); start < body.length; ) {
      const { items, shared, end, rest } = valueAt(body, start);
      // Cut between two items, nothing of it is left but how it begins: that goes to the dead letter, and tells of the cut.
      const isCut = end === undefined && rest === body.length;
      if (isCut) this.#emit(body, { start, end: items[0]?.start ?? body.length }, position, handlers);
      for (const item of items) this.#emit(body, item, position, handlers, shared);
      // What is not JSON has no end that could be trusted: the rest is one item, for the dead letter.
      if (end === undefined) {
        if (rest < body.length) this.#emit(body, { start: rest, end: body.length }, position, handlers);
        return;
      }
      start = skipSpace(body, end);
    }
  }

  #emit(body: Buffer, { start, end }: Span, position: number, handlers: LineHandlers, shared?: Shared): void {
    if (end - start <= this.#limit) handlers.line(body, start, end, position + start, shared);
    else {
      const head = Buffer.from(body.subarray(start, Math.min(end, start + headBytes)));
      handlers.oversize({ position: position + start, length: end - start, head });
    }
  }
}

/** A byte order mark may stand before everything else. */
const markLength = (body: Buffer): number => (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);

/** A value at the top: its items, and where it ends; `end` is undefined when it is not JSON from `rest` on. */
interface Value {
  readonly items: readonly Span[];
  readonly shared?: Shared | undefined;
  readonly end: number | undefined;
  readonly rest: number;
}

const whole = (start: number, end: number): Value => ({ items: [{ start, end }], end, rest: end });

const valueAt = (bytes: Buffer, start: number): Value => {
  if (bytes[start] === mark.openList) return listAt(bytes, start);
  if (bytes[start] === mark.open) return objectAt(bytes, start);
  const end = valueEnd(bytes, start);
  return end === undefined ? { items: [], end, rest: start } : whole(start, end);
};

const listAt = (bytes: Buffer, start: number): Value => {
  const items: Span[] = [];
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === mark.closeList) return { items, end: at + 1, rest: at + 1 };
  for (;;) {
    const end = valueEnd(bytes, at);
    if (end === undefined) return { items, end, rest: at };
    const next = skipSpace(bytes, end);
    const isLast = next === bytes.length || bytes[next] === mark.closeList;
    if (!isLast && bytes[next] !== mark.comma) return { items, end: undefined, rest: at };
    items.push({ start: at, end });
    if (next === bytes.length) return { items, end: undefined, rest: next };
    if (bytes[next] === mark.closeList) return { items, end: next + 1, rest: next + 1 };
    at = skipSpace(bytes, next + 1);
  }
};

/** An object is its list's items if it has a member `items` that is a list; else it is one item. */
const objectAt = (bytes: Buffer, start: number): Value => {
  const said = new Map<string, Span>();
  let list: Value | undefined;
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === mark.close) return whole(start, at + 1);
  for (let member = memberAt(bytes, at); member; member = memberAt(bytes, at)) {
    const isList = member.name === "items" && bytes[member.start] === mark.openList;
    if (isList) list = listAt(bytes, member.start);
    const end = isList ? list?.end : valueEnd(bytes, member.start);
    if (end === undefined) break;
    if (member.name === "kind" || member.name === "apiVersion") said.set(member.name, { start: member.start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === mark.close)
      return list ? { ...list, shared: sharedBy(bytes, said), end: at + 1, rest: at + 1 } : whole(start, at + 1);
    if (bytes[at] !== mark.comma) break;
    at = skipSpace(bytes, at + 1);
  }
  // Cut short within or after its list: the items that are whole are items all the same.
  if (list && list.items.length > 0) return { ...list, shared: sharedBy(bytes, said), end: undefined };
  return { items: [], end: undefined, rest: start };
};

/** What a Kubernetes list says once for all of its items. */
const sharedBy = (bytes: Buffer, said: ReadonlyMap<string, Span>): Shared | undefined => {
  const [kind, apiVersion] = [textAt(bytes, said.get("kind")), textAt(bytes, said.get("apiVersion"))];
  return kind?.endsWith("List") && apiVersion !== undefined ? { kind: kind.slice(0, -4), apiVersion } : undefined;
};

const textAt = (bytes: Buffer, span: Span | undefined): string | undefined => {
  if (!span || bytes[span.start] !== mark.quote) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8", span.start, span.end));
  } catch {
    return undefined;
  }
};
