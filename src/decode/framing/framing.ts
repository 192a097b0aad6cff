import type { Data } from "../../json.ts";

/** A record that was cut off: longer than the limit. */
export interface Oversize {
  /** Byte offset of the record's first byte in its stream. */
  readonly position: number;
  /** Length in bytes, without the line end; for a record whose end has not been seen, what was seen of it. */
  readonly length: number;
  /** The first bytes of it, `headBytes` at most. */
  readonly head: Buffer;
}

/** Takes the records of a stream, in order. */
export interface Records {
  /**
   * One record, a line without its line end: `block[start, end)`, valid during the call; `position` is its offset in the
   * stream. `shared` is what the list that it was an item of says for all of its items.
   */
  record(block: Buffer, start: number, end: number, position: number, shared?: Data): void;
  oversize(record: Oversize): void;
}

/** How much of a record over the limit is kept for the dead letter. */
export const headBytes = 64 * 1024;

/** Cuts the bytes of one stream into records. The codec reads them. */
export interface StreamFraming {
  /** Up to where the stream consists of whole records: where to read again after a restart. */
  readonly reached: number;
  push(block: Buffer, position: number, records: Records): void;
  /** The stream is over: what is left is a whole record. */
  end(records: Records): void;
}
