import { Body } from "./body.ts";

/** A record that was cut off: longer than the limit. */
export interface Oversize {
  /** Byte offset of the record's first byte in its stream. */
  readonly position: number;
  /** Length in bytes, without the line end; for a record whose end has not been seen, what was seen of it. */
  readonly length: number;
  /** The first bytes of it, `headBytes` at most. */
  readonly head: Buffer;
}

/** Members that a list says once for all of its items: an item has them unless it has its own. */
export interface Shared {
  readonly kind: string;
  readonly apiVersion: string;
}

export interface LineHandlers {
  /** One record, a line without its line end: `block[start, end)`, valid during the call; `position` is its offset in the stream. */
  line(block: Buffer, start: number, end: number, position: number, shared?: Shared): void;
  oversize(record: Oversize): void;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** How much of a line over the limit is kept for the dead letter. */
export const headBytes = 64 * 1024;

/**
 * Cuts a stream of bytes at `\n` or `\r\n`. It works on the blocks as they come and copies only a line that spans
 * blocks; a line over the limit is reported once with its head, and the next one is read correctly.
 */
export class LineFraming {
  readonly #limit: number;
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  #skipping: { position: number; length: number; head: Buffer } | undefined;
  /** Offset of the first byte of the record that is still open: how far whole records reach. */
  #open: number;

  /** `limit` in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number) {
    this.#limit = limit;
    this.#open = position;
  }

  /** Up to where the stream consists of whole records: where to read again after a restart. */
  get reached(): number {
    return this.#open;
  }

  push(block: Buffer, position: number, handlers: LineHandlers): void {
    if (this.#carried === 0 && !this.#skipping) this.#open = position;
    let start = 0;
    while (start < block.length) {
      const end = block.indexOf(lineFeed, start);
      if (end < 0) break;
      this.#finish(block, start, end, position, handlers);
      start = end + 1;
      this.#open = position + start;
    }
    if (start < block.length) this.#keep(block, start, position);
  }

  /** The stream is over: what is left is a whole record. */
  end(handlers: LineHandlers): void {
    if (this.#skipping) {
      handlers.oversize(this.#skipping);
      this.#open = this.#skipping.position + this.#skipping.length;
      this.#skipping = undefined;
    } else if (this.#carried > 0) {
      const position = this.#open;
      this.#open += this.#carried;
      const line = this.#carry.subarray(0, this.#carried);
      this.#carried = 0;
      this.#emit(line, 0, line.length, position, handlers);
    }
  }

  #finish(block: Buffer, start: number, end: number, position: number, handlers: LineHandlers): void {
    if (this.#skipping) {
      this.#skip(this.#skipping, block, start, end);
      handlers.oversize(this.#skipping);
      this.#skipping = undefined;
    } else if (this.#carried > 0) {
      this.#append(block, start, end);
      const line = this.#carry.subarray(0, this.#carried);
      this.#carried = 0;
      this.#emit(line, 0, line.length, this.#open, handlers);
    } else this.#emit(block, start, end, position + start, handlers);
    if (this.#carry.length > 1 << 20) this.#carry = Buffer.alloc(0);
  }

  #emit(block: Buffer, start: number, end: number, position: number, handlers: LineHandlers): void {
    if (end - start > this.#limit) {
      const head = Buffer.from(block.subarray(start, Math.min(end, start + headBytes)));
      handlers.oversize({ position, length: end - start, head });
    } else {
      const last = end > start && block[end - 1] === carriageReturn ? end - 1 : end;
      handlers.line(block, start, last, position);
    }
  }

  #keep(block: Buffer, start: number, position: number): void {
    const more = block.length - start;
    if (this.#skipping) {
      this.#skip(this.#skipping, block, start, block.length);
      return;
    }
    if (this.#carried === 0) this.#open = position + start;
    if (this.#carried + more <= this.#limit) {
      this.#append(block, start, block.length);
      return;
    }
    const head = Buffer.concat([this.#carry.subarray(0, this.#carried), block.subarray(start)]).subarray(0, headBytes);
    this.#skipping = { position: this.#open, length: this.#carried + more, head: Buffer.from(head) };
    this.#carried = 0;
    this.#carry = Buffer.alloc(0);
  }

  /** A limit below `headBytes` leaves the head to be filled from the blocks that follow. */
  #skip(skipping: { length: number; head: Buffer }, block: Buffer, start: number, end: number): void {
    const wanted = headBytes - skipping.head.length;
    if (wanted > 0)
      skipping.head = Buffer.concat([skipping.head, block.subarray(start, Math.min(end, start + wanted))]);
    skipping.length += end - start;
  }

  #append(block: Buffer, start: number, end: number): void {
    const needed = this.#carried + end - start;
    if (needed > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#carry.length * 2, 4096));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    block.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
  }
}

/** One stream, one record: kept until the stream ends. The limit and its report are those of `LineFraming`. */
export class WholeFraming {
  readonly #limit: number;
  readonly #body: Body;

  constructor(limit: number, position: number) {
    this.#limit = limit;
    // Past the limit only the head is of use.
    this.#body = new Body(Math.max(limit, headBytes), position);
  }

  /** Where the open record starts: it is whole only at the end of the stream. */
  get reached(): number {
    return this.#body.start;
  }

  push(block: Buffer, position: number): void {
    this.#body.push(block, position);
  }

  end(handlers: LineHandlers): void {
    const { bytes, position, length } = this.#body.take();
    if (length > this.#limit) handlers.oversize({ position, length, head: Buffer.from(bytes.subarray(0, headBytes)) });
    else if (length > 0) handlers.line(bytes, 0, bytes.length, position);
  }
}
