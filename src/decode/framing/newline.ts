import { headBytes, type Records, type StreamFraming } from "./framing.ts";
import type { LineEnds } from "./line-ends.ts";

const afterZeros = (block: Buffer, from: number): number => {
  let at = from;
  while (block[at] === 0) at++;
  return at;
};

/** So many zero bytes in a row end a line: they are a hole in the file, not part of the text. */
const holeLength = 16;

/** The first run of zero bytes in `block[from, to)` that is a hole, or that reaches `to`; undefined without one. */
const holeIn = (block: Buffer, from: number, to: number): { start: number; end: number } | undefined => {
  for (let start = block.indexOf(0, from); start >= 0 && start < to; ) {
    const end = Math.min(to, afterZeros(block, start));
    if (end - start >= holeLength || end === to) return { start, end };
    start = block.indexOf(0, end);
  }
  return undefined;
};

/**
 * Cuts a stream of bytes at `\n` or `\r\n`. It works in the blocks that it is given, and copies only lines that span
 * blocks. A line beyond the limit is reported once with its head, and the next one is read correctly. Zero bytes before
 * a line are skipped, and a long run of them ends a line: they appear in a file after a power failure, which may also
 * have cut the line before them, or when it is truncated while it is being written.
 */
export class NewlineFraming implements StreamFraming {
  /** Even if every line is empty or refused, this takes only a few milliseconds. */
  readonly portion = 16 * 1024;
  readonly #limit: number;
  readonly #lineEnds: LineEnds;
  #carry: Buffer = Buffer.alloc(0);
  #carried = 0;
  #skipping: { position: number; length: number; head: Buffer } | undefined;
  /** Zero bytes skipped since the last record. The checkpoint stays before them, as the writer may still overwrite them. */
  #zeros = 0;
  /** Zero bytes at the end of the open record, too few so far to end it. */
  #trailing = 0;
  /** Offset of the first byte of the open record: up to where records are complete. */
  #open: number;

  /** `limit` in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number, lineEnds: LineEnds) {
    this.#limit = limit;
    this.#lineEnds = lineEnds;
    this.#open = position;
  }

  /** Up to where the stream consists of complete records: where to continue after a restart. */
  get reached(): number {
    return this.#open;
  }

  push(block: Buffer, position: number, records: Records): void {
    if (this.#isBetween && this.#zeros === 0) this.#open = position;
    let start = this.#trailing > 0 ? this.#resolveTrailing(block, position, records) : 0;
    const { skipsZeros, size } = this.#lineEnds;
    let zero = skipsZeros ? block.indexOf(0, start) : -1;
    while (start < block.length) {
      if (skipsZeros && this.#isBetween && (this.#zeros > 0 || block[start] === 0)) {
        start = this.#skipZeros(block, start, position, records);
        continue;
      }
      const lineEnd = this.#lineEnds.find(block, start);
      const end = lineEnd < 0 ? block.length : lineEnd;
      if (zero >= 0 && zero < start) zero = block.indexOf(0, start);
      const hole = zero >= 0 && zero < end ? holeIn(block, zero, end) : undefined;
      if (hole && hole.end - hole.start >= holeLength) {
        this.#finish(block, start, hole.start, position, records);
        start = hole.start;
        this.#open = position + start;
      } else if (lineEnd < 0) {
        const kept = hole?.start ?? end;
        if (start < kept) this.#keep(block, start, kept, position);
        this.#trailing = end - kept;
        return;
      } else {
        this.#finish(block, start, end, position, records);
        start = end + size;
        this.#open = position + start;
      }
    }
  }

  /** The stream has ended: what is left is a complete record. */
  end(records: Records): Iterable<void> {
    this.#open += this.#zeros;
    this.#zeros = 0;
    this.#keepTrailing();
    if (this.#skipping) {
      records.oversize(this.#skipping);
      this.#open = this.#skipping.position + this.#skipping.length;
      this.#skipping = undefined;
    } else if (this.#carried > 0) {
      const position = this.#open;
      this.#open += this.#carried;
      const line = this.#carry.subarray(0, this.#carried);
      this.#carried = 0;
      this.#emit(line, 0, line.length, position, records);
    }
    return [];
  }

  /** Whether everything before this offset in the stream is complete, so that a line begins there. */
  isAtLine(position: number): boolean {
    return this.#isBetween && this.#zeros === 0 && this.#trailing === 0 && position > 0;
  }

  /** Lines up to this offset in the stream are complete without having been pushed. Only if the first began a line. */
  passOver(position: number): void {
    this.#open = position;
  }

  get #isBetween(): boolean {
    return this.#carried === 0 && !this.#skipping;
  }

  /** Skips the zero bytes before a record. Returns where they end. */
  #skipZeros(block: Buffer, start: number, position: number, records: Records): number {
    const end = afterZeros(block, start);
    records.zeros?.(end - start);
    this.#zeros += end - start;
    if (end === block.length) return end;
    this.#open = position + end;
    this.#zeros = 0;
    return end;
  }

  /** The open record ended with zero bytes: with those that follow, they may end it. Returns where to go on. */
  #resolveTrailing(block: Buffer, position: number, records: Records): number {
    const end = afterZeros(block, 0);
    const before = this.#trailing;
    if (before + end >= holeLength) {
      this.#trailing = 0;
      this.#finish(block, 0, 0, position, records);
      this.#open = position - before;
      this.#zeros = before;
      records.zeros?.(before);
      return 0;
    }
    this.#trailing += end;
    if (end < block.length) this.#keepTrailing();
    return end;
  }

  #keepTrailing(): void {
    const length = this.#trailing;
    this.#trailing = 0;
    if (length > 0) this.#keep(Buffer.alloc(length), 0, length, 0);
  }

  #finish(block: Buffer, start: number, end: number, position: number, records: Records): void {
    if (this.#skipping) {
      this.#skip(this.#skipping, block, start, end);
      records.oversize(this.#skipping);
      this.#skipping = undefined;
    } else if (this.#carried > 0) {
      this.#append(block, start, end);
      const line = this.#carry.subarray(0, this.#carried);
      this.#carried = 0;
      this.#emit(line, 0, line.length, this.#open, records);
    } else this.#emit(block, start, end, position + start, records);
    if (this.#carry.length > 1 << 20) this.#carry = Buffer.alloc(0);
  }

  #emit(block: Buffer, start: number, end: number, position: number, records: Records): void {
    if (end - start > this.#limit) {
      const head = Buffer.from(block.subarray(start, Math.min(end, start + headBytes)));
      records.oversize({ position, length: end - start, head });
    } else {
      records.record(block, start, this.#lineEnds.trimmed(block, start, end), position);
    }
  }

  #keep(block: Buffer, start: number, end: number, position: number): void {
    const more = end - start;
    if (this.#skipping) {
      this.#skip(this.#skipping, block, start, end);
      return;
    }
    if (this.#carried === 0) this.#open = position + start;
    if (this.#carried + more <= this.#limit) {
      this.#append(block, start, end);
      return;
    }
    const head = Buffer.concat([this.#carry.subarray(0, this.#carried), block.subarray(start, end)]).subarray(
      0,
      headBytes,
    );
    this.#skipping = { position: this.#open, length: this.#carried + more, head: Buffer.from(head) };
    this.#carried = 0;
    this.#carry = Buffer.alloc(0);
  }

  /** If the limit is below `headBytes`, the rest of the head comes from the blocks that follow. */
  #skip(skipping: { length: number; head: Buffer }, block: Buffer, start: number, end: number): void {
    const wanted = headBytes - skipping.head.length;
    if (wanted > 0)
      skipping.head = Buffer.concat([skipping.head, block.subarray(start, Math.min(end, start + wanted))]);
    skipping.length += end - start;
  }

  #append(block: Buffer, start: number, end: number): void {
    const needed = this.#carried + end - start;
    if (needed > this.#carry.length) {
      // A part of Node's pool would keep all of it, for as long as the stream is known.
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#carry.length * 2, 4096));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    block.copy(this.#carry, this.#carried, start, end);
    this.#carried = needed;
  }
}
