/** The most entries in a reading: fewer than the host takes into one batch. */
const mostEntries = 128;
export const lineFeed = 0x0a;

/** Bytes of an entry that are kept until the rest comes. */
const mostKept = 8 * 1024 * 1024;
const [beforeCursor, afterCursor] = ['"__CURSOR":"', '"'];

/** Whole entries, and the cursor of the last one; or, without a cursor, the start of one that is very long. */
export interface Entries {
  readonly bytes: Buffer;
  readonly cursor: string | undefined;
}

/** Cuts the output of journalctl into groups of whole entries. A line without a cursor goes with the next one. */
export class Lines {
  #parts: Buffer[] = [];
  #kept = 0;

  *push(block: Buffer): Generator<Entries> {
    const last = block.lastIndexOf(lineFeed);
    this.#parts.push(last < 0 ? block : block.subarray(0, last + 1));
    this.#kept += block.length;
    if (last < 0 && this.#kept <= mostKept) return;
    const whole = Buffer.concat(this.#parts);
    const rest = last < 0 ? Buffer.alloc(0) : block.subarray(last + 1);
    this.#parts = [rest];
    this.#kept = rest.length;
    if (last < 0) {
      yield { bytes: whole, cursor: undefined };
      return;
    }
    let start = 0;
    let count = 0;
    let found: { readonly end: number; readonly cursor: string } | undefined;
    for (let at = 0, end = whole.indexOf(lineFeed); end >= 0; end = whole.indexOf(lineFeed, at)) {
      const cursor = cursorOf(whole.subarray(at, end));
      at = end + 1;
      count++;
      if (cursor !== undefined) found = { end: at, cursor };
      if (!found || count < mostEntries) continue;
      yield { bytes: whole.subarray(start, found.end), cursor: found.cursor };
      start = found.end;
      [count, found] = [0, undefined];
    }
    if (found) {
      yield { bytes: whole.subarray(start, found.end), cursor: found.cursor };
      start = found.end;
    }
    if (start === whole.length) return;
    this.#parts.unshift(whole.subarray(start));
    this.#kept += whole.length - start;
  }
}

/** A quotation mark within a value has a backslash before it, so this finds nothing else. */
const cursorOf = (line: Buffer): string | undefined => {
  const at = line.indexOf(beforeCursor);
  if (at < 0) return undefined;
  const start = at + beforeCursor.length;
  return line.toString("utf8", start, line.indexOf(afterCursor, start));
};
