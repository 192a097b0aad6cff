import { headBytes, type Records, type StreamFraming } from "./framing.ts";

/** A length, a space and the start of a message of syslog: nothing else counts as a length, as lines may begin with a number. */
const header = /^([1-9]\d{0,9}) </;
const mayBeHeader = /^[1-9]\d{0,9} ?$/;
/** Bytes of the longest header, with the `<` after it. */
const longestHeader = 12;
const [lineFeed, carriageReturn, lessThan] = [0x0a, 0x0d, 0x3c];

/** A record beyond the limit, of which only the head is kept. `left`: bytes that are still to come; unknown for a line. */
interface Skipping {
  readonly position: number;
  length: number;
  head: Buffer;
  left: number | undefined;
}

/**
 * Cuts a stream of syslog as RFC 6587 has it, and tells its two framings apart for each record: one that begins with its
 * length in bytes and a space (`34 <13>…`, octet counting), or one that ends with a line feed or a zero byte
 * (non-transparent framing). What ends a message is not part of it.
 */
export class OctetCountingFraming implements StreamFraming {
  readonly portion = 16 * 1024;
  readonly #limit: number;
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  /** How much of the carry has no line end. */
  #searched = 0;
  #skipping: Skipping | undefined;
  #open: number;

  /** `limit` in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number) {
    this.#limit = limit;
    this.#open = position;
  }

  get reached(): number {
    return this.#open;
  }

  push(block: Buffer, position: number, records: Records): void {
    let at = this.#skip(block, position, records);
    if (at === block.length) return;
    let data = block;
    let base = position;
    if (this.#carried > 0) {
      this.#append(block, at);
      data = this.#carry.subarray(0, this.#carried);
      base = this.#open;
      at = 0;
    }
    const end = this.#cut(data, at, base, records);
    this.#open = this.#skipping?.position ?? base + end;
    this.#keep(data, end);
  }

  end(records: Records): Iterable<void> {
    const rest = this.#carry.subarray(0, this.#carried);
    const position = this.#open;
    const skipping = this.#skipping;
    this.#open += skipping ? skipping.length - (skipping.left ?? 0) : rest.length;
    this.#carried = 0;
    this.#skipping = undefined;
    const [, count] = header.exec(rest.toString("latin1", 0, longestHeader)) ?? [];
    if (skipping) records.oversize(skipping);
    else if (count !== undefined)
      records.incomplete?.({ position, length: rest.length, head: Buffer.from(rest.subarray(0, headBytes)) });
    else if (rest.length > 0) this.#emit(rest, 0, rest.length, position, records);
    return [];
  }

  /** Passes on the records of `data` from `at`. Returns where the first begins that is not complete. */
  #cut(data: Buffer, from: number, base: number, records: Records): number {
    let at = from;
    while (at < data.length) {
      const start = data.toString("latin1", at, at + longestHeader);
      const [head = "", count] = header.exec(start) ?? [];
      // The header may go on in the next block.
      if (count === undefined && at + start.length === data.length && mayBeHeader.test(start)) return at;
      const next =
        count === undefined
          ? this.#line(data, at, base, records)
          : this.#counted(data, at, head.length - 1, Number(count), base, records);
      if (next === undefined) return this.#skipping ? data.length : at;
      at = next;
    }
    return at;
  }

  /** Returns where the line ends that begins at `at`; undefined if it goes on. */
  #line(data: Buffer, at: number, base: number, records: Records): number | undefined {
    const from = Math.max(at, data.buffer === this.#carry.buffer ? this.#searched : 0);
    const end = lineEnd(data, from);
    if (end >= 0) {
      this.#emit(data, at, end, base + at, records);
      return end + 1;
    }
    if (data.length - at > this.#limit) this.#startSkipping(data, at, base, data.length - at, undefined);
    return undefined;
  }

  /** Returns where the record ends whose header is at `at`; undefined if it goes on. */
  #counted(
    data: Buffer,
    at: number,
    headLength: number,
    count: number,
    base: number,
    records: Records,
  ): number | undefined {
    const [start, end] = [at + headLength, at + headLength + count];
    if (count > this.#limit) {
      if (end > data.length) {
        this.#startSkipping(data, at, base, headLength + count, end - data.length);
        return undefined;
      }
      const head = Buffer.from(data.subarray(start, Math.min(end, start + headBytes)));
      records.oversize({ position: base + at, length: count, head });
      return end;
    }
    if (end > data.length) return undefined;
    this.#emit(data, start, end, base + at, records);
    return end;
  }

  #emit(data: Buffer, start: number, end: number, position: number, records: Records): void {
    let last = end;
    while (last > start && isTrailer(data[last - 1]!)) last--;
    if (last - start > this.#limit)
      records.oversize({
        position,
        length: last - start,
        head: Buffer.from(data.subarray(start, start + headBytes)),
      });
    else if (last > start) records.record(data, start, last, position);
  }

  #startSkipping(data: Buffer, at: number, base: number, length: number, left: number | undefined): void {
    this.#skipping = { position: base + at, length, head: Buffer.from(data.subarray(at, at + headBytes)), left };
  }

  /** Skips the rest of a record beyond the limit. Returns where it ends in the block. */
  #skip(block: Buffer, position: number, records: Records): number {
    const skipping = this.#skipping;
    if (!skipping) return 0;
    const { left } = skipping;
    const found = left === undefined ? lineEnd(block, 0) : left <= block.length ? left : -1;
    const end = found < 0 ? block.length : found;
    const wanted = headBytes - skipping.head.length;
    if (wanted > 0) skipping.head = Buffer.concat([skipping.head, block.subarray(0, Math.min(end, wanted))]);
    if (left === undefined) skipping.length += end;
    else skipping.left = left - end;
    if (found < 0) return end;
    this.#skipping = undefined;
    records.oversize(skipping);
    const next = left === undefined ? end + 1 : end;
    this.#open = position + next;
    return next;
  }

  /** Keeps the start of a record that is not complete. */
  #keep(data: Buffer, from: number): void {
    const isOwn = data.buffer === this.#carry.buffer;
    const length = this.#skipping ? 0 : data.length - from;
    if (isOwn) this.#carry.copyWithin(0, from, from + length);
    else {
      this.#carried = 0;
      if (length > 0) this.#append(data, from);
    }
    this.#carried = length;
    this.#searched = length;
    // A long message must not keep its memory for as long as the connection lasts.
    if (length === 0 && this.#carry.length > 64 * 1024) this.#carry = Buffer.alloc(0);
  }

  #append(block: Buffer, from: number): void {
    const needed = this.#carried + block.length - from;
    if (needed > this.#carry.length) {
      // A part of Node's pool would keep all of it, and have the same buffer as other blocks.
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#carry.length * 2, 1024));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    block.copy(this.#carry, this.#carried, from);
    this.#carried = needed;
  }
}

/** Where the first line feed or zero byte is; -1 without one. */
const lineEnd = (data: Buffer, from: number): number => {
  const feed = data.indexOf(lineFeed, from);
  const zero = data.subarray(0, feed < 0 ? data.length : feed).indexOf(0, from);
  return zero < 0 ? feed : zero;
};

const isTrailer = (byte: number): boolean => byte === lineFeed || byte === carriageReturn || byte === 0;

/** Whether a message begins as one of syslog does, so that a length before it is recognised. */
export const beginsAsSyslog = (message: Uint8Array): boolean => message[0] === lessThan;
