import type { Data } from "../../json.ts";
import type { Passer } from "../../scan/passer.ts";
import { type Member, mark, memberAt, type Span, skipSpace, valueEnd } from "../json-scan.ts";
import { BodyFraming } from "./body.ts";
import { headBytes, type Records } from "./framing.ts";
import { type ListKind, ListMembers, type SplitItems } from "./list.ts";

/** The longest body that is cut, in bytes: the whole body must be in memory. */
const maxBody = 256 * 1024 * 1024;

export interface ItemsOptions {
  readonly splitItems: SplitItems;
  /** Recognises the lists that `auto` cuts, and says what their items inherit. */
  readonly listKind: ListKind;
  /** Finds items that need not be decoded, because nobody can want them. */
  readonly passer?: ItemPasser | undefined;
  /** Turns the bytes of a stream into UTF-8, if they are not. */
  readonly toUtf8?: ((body: Buffer) => Buffer) | undefined;
}

/** See `Passer`. */
export type ItemPasser = Pick<Passer, "isReady" | "items" | "inherits">;

/**
 * Cuts one stream of JSON values into items, as bytes, before anything is parsed: an array into its elements, and an
 * object with a list under `items` into the elements of the list if the options say so. Any other value is one item.
 */
export class ItemsFraming extends BodyFraming {
  readonly #limit: number;
  readonly #options: ItemsOptions;

  /** `limit`: longest item, in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number, options: ItemsOptions) {
    super(maxBody, position);
    this.#limit = limit;
    this.#options = options;
  }

  protected *cut(bytes: Buffer, position: number, records: Records): Generator<void> {
    const body = this.#options.toUtf8?.(bytes) ?? bytes;
    for (let start = skipSpace(body, markLength(body)); start < body.length; ) {
      const { items, more, passed = 0, first, shared, end, rest } = yield* valueAt(body, start, this.#options);
      if (passed > 0) records.passed?.(passed);
      // A value that is cut off between two items leaves no broken item. Its beginning goes to the dead letter, to report it.
      const isCut = end === undefined && rest === body.length;
      if (isCut) this.#emit(body, { start, end: first ?? items[0]?.start ?? body.length }, position, records);
      for (const item of items) {
        this.#emit(body, item, position, records, shared);
        yield;
      }
      if (more !== undefined)
        for (const item of elements(body, more)) {
          this.#emit(body, item, position, records, shared);
          yield;
        }
      // The end of a value that is not JSON is unknown: the rest is one item, for the dead letter.
      if (end === undefined) {
        if (rest < body.length) this.#emit(body, { start: rest, end: body.length }, position, records);
        return;
      }
      start = skipSpace(body, end);
    }
  }

  #emit(body: Buffer, { start, end }: Span, position: number, records: Records, shared?: Data): void {
    if (end - start <= this.#limit) records.record(body, start, end, position + start, shared);
    else {
      const head = Buffer.from(body.subarray(start, Math.min(end, start + headBytes)));
      records.oversize({ position: position + start, length: end - start, head });
    }
  }
}

/** A byte order mark may come first. */
const markLength = (body: Buffer): number => (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);

/** A top-level value: its items, and where it ends. `end` is undefined if it is not JSON from `rest` on. */
interface Value {
  readonly items: readonly Span[];
  /** Where the first item starts that is not in `items`. */
  readonly more?: number | undefined;
  /** How many items are in neither, because nobody can want them. */
  readonly passed?: number;
  /** Where the first item starts, if some are not in `items`. */
  readonly first?: number | undefined;
  readonly shared?: Data | undefined;
  readonly end: number | undefined;
  readonly rest: number;
}

const whole = (start: number, end: number): Value => ({ items: [{ start, end }], end, rest: end });

/** How many items or members are looked at in one step. */
const perStep = 1_000;

function* valueAt(bytes: Buffer, start: number, options: ItemsOptions): Generator<void, Value> {
  if (bytes[start] === mark.openList) return yield* listAt(bytes, start, options.passer);
  if (bytes[start] === mark.open && options.splitItems !== "never") return yield* objectAt(bytes, start, options);
  const end = valueEnd(bytes, start);
  return end === undefined ? { items: [], end, rest: start } : whole(start, end);
}

/** The most items of a list that are remembered while its end is looked for. The others are looked for again. */
const mostItems = 10_000;

function* listAt(bytes: Buffer, start: number, passer?: ItemPasser): Generator<void, Value> {
  const first = skipSpace(bytes, start + 1);
  if (bytes[first] === mark.closeList) return { items: [], end: first + 1, rest: first + 1 };
  const { items, passed, reached, isAtEnd } = yield* sifted(bytes, first, passer);
  const sparse = passed > 0 ? { passed, first } : {};
  if (isAtEnd) return { items, ...sparse, end: reached + 1, rest: reached + 1 };
  let more: number | undefined;
  const all = elements(bytes, reached);
  for (let next = all.next(), count = 1; ; next = all.next(), count++) {
    if (next.done) return { items, more, ...sparse, ...next.value };
    if (items.length < mostItems) items.push(next.value);
    else more ??= next.value.start;
    if (count % perStep === 0) yield;
  }
}

/** The items of a list that must be decoded, up to one that is not certain, or to the end of the list. */
function* sifted(
  bytes: Buffer,
  first: number,
  passer: ItemPasser | undefined,
): Generator<void, { items: Span[]; passed: number; reached: number; isAtEnd: boolean }> {
  const items: Span[] = [];
  let passed = 0;
  let reached = first;
  let isAtEnd = false;
  while (!isAtEnd && passer?.isReady && items.length < mostItems) {
    const scanned = passer.items(bytes, reached);
    if (!scanned) break;
    const { found, count, records } = scanned;
    for (let index = 0; index < count; index++) items.push({ start: found[index]!.start, end: found[index]!.end });
    passed += records - count;
    if (scanned.reached === reached) break;
    isAtEnd = bytes[scanned.reached] === mark.closeList;
    // To the framing, other bytes are white space, too. A list does not end behind it: the scanner stopped after a comma.
    reached = skipSpace(bytes, scanned.reached);
    yield;
  }
  return { items, passed, reached, isAtEnd };
}

/** The elements of a list from one of them on. Returns where the list ends; `end` is undefined if it is broken at `rest`. */
function* elements(
  bytes: Buffer,
  first: number,
): Generator<Span, { readonly end: number | undefined; readonly rest: number }> {
  for (let at = first; ; ) {
    const end = valueEnd(bytes, at);
    if (end === undefined) return { end, rest: at };
    const next = skipSpace(bytes, end);
    const isLast = next === bytes.length || bytes[next] === mark.closeList;
    if (!isLast && bytes[next] !== mark.comma) return { end: undefined, rest: at };
    yield { start: at, end };
    if (next === bytes.length) return { end: undefined, rest: next };
    if (bytes[next] === mark.closeList) return { end: next + 1, rest: next + 1 };
    at = skipSpace(bytes, next + 1);
  }
}

/** The items of an object's list, or the object as one item. */
function* objectAt(bytes: Buffer, start: number, options: ItemsOptions): Generator<void, Value> {
  const object = new ListObject(bytes, options);
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === mark.close) return whole(start, at + 1);
  for (let member = memberAt(bytes, at), count = 1; member; member = memberAt(bytes, at), count++) {
    if (count % perStep === 0) yield;
    const end = yield* object.member(member);
    if (end === undefined) break;
    at = skipSpace(bytes, end);
    if (bytes[at] === mark.close) {
      const list = yield* object.list();
      if (!list) return whole(start, at + 1);
      return list.end === undefined ? list : { ...list, end: at + 1, rest: at + 1 };
    }
    if (bytes[at] !== mark.comma) break;
    at = skipSpace(bytes, at + 1);
  }
  // It is cut off within or after its list: the complete items still count.
  const list = yield* object.list();
  return list && list.items.length + (list.passed ?? 0) > 0
    ? { ...list, end: undefined }
    : { items: [], end: undefined, rest: start };
}

/** What is known so far of an object that may be a list. */
class ListObject {
  readonly #bytes: Buffer;
  readonly #options: ItemsOptions;
  readonly #members: ListMembers;
  #start: number | undefined;
  #list: Value | undefined;

  constructor(bytes: Buffer, options: ItemsOptions) {
    this.#bytes = bytes;
    this.#options = options;
    this.#members = new ListMembers(bytes);
  }

  /** Takes the next member, and returns where its value ends; undefined if it has no end. */
  *member({ name, start }: Member): Generator<void, number | undefined> {
    if (name === "items") return yield* this.#items(start);
    const end = valueEnd(this.#bytes, start);
    if (end !== undefined) this.#members.add(name, { start, end });
    return end;
  }

  /** Cuts the list at once if the members so far show that it is one; otherwise skips it until the object ends. */
  *#items(start: number): Generator<void, number | undefined> {
    this.#start = start;
    this.#list = undefined;
    if (this.#bytes[start] !== mark.openList || !this.#isList) return valueEnd(this.#bytes, start);
    this.#list = yield* this.#cut(start);
    return this.#list.end;
  }

  /** The list, cut into items; undefined if there is none, or the object stays whole. */
  *list(): Generator<void, Value | undefined> {
    if (this.#start === undefined || !this.#isList) return undefined;
    const shared = this.#shared;
    if (this.#bytes[this.#start] !== mark.openList) return shared && this.#empty(this.#start);
    // What comes behind the list can change what its items inherit.
    if (this.#list?.passed && !this.#inherits(shared)) this.#list = undefined;
    this.#list ??= yield* this.#cut(this.#start);
    return { ...this.#list, shared };
  }

  #cut(start: number): Generator<void, Value> {
    return listAt(this.#bytes, start, this.#inherits(this.#shared) ? this.#options.passer : undefined);
  }

  #inherits(shared: Data | undefined): boolean {
    return shared === undefined || this.#options.passer?.inherits(shared) === true;
  }

  /** Go writes a list without items as `null`. */
  #empty(start: number): Value | undefined {
    const end = valueEnd(this.#bytes, start);
    const isNull = end !== undefined && this.#bytes.toString("latin1", start, end) === "null";
    return isNull ? { items: [], end, rest: end } : undefined;
  }

  get #shared(): Data | undefined {
    return this.#options.listKind(this.#members);
  }

  get #isList(): boolean {
    return this.#options.splitItems === "always" || this.#shared !== undefined;
  }
}
