import type { Data } from "../../json.ts";

/** A record that is longer than the limit. */
export interface Oversize {
  /** Byte offset of the record's first byte in its stream. */
  readonly position: number;
  /** Length in bytes, without the line end; if the record is incomplete, the length so far. */
  readonly length: number;
  /** Its first bytes, at most `headBytes`. */
  readonly head: Buffer;
}

/** Receives the records of a stream, in order. */
export interface Records {
  /**
   * One record, without the line end: `block[start, end)`, valid during the call. `position` is its offset in the stream.
   * `shared` contains the members that an item inherits from its list.
   */
  record(block: Buffer, start: number, end: number, position: number, shared?: Data): void;
  oversize(record: Oversize): void;
  /** The stream ended within a record whose length was given in advance. */
  incomplete?(record: Oversize): void;
  /** So many records were passed over, because nobody can want them. */
  passed?(count: number): void;
  /** So many zero bytes between records were skipped. */
  zeros?(count: number): void;
}

/** How much of a record beyond the limit is kept for the dead letter. */
export const headBytes = 64 * 1024;

/** Cuts the bytes of one stream into records. The codec reads them. */
export interface StreamFraming {
  /** Up to where the stream consists of complete records: where to continue after a restart. */
  readonly reached: number;
  /** The largest block to push if the work must be divided, in bytes. */
  readonly portion: number;
  push(block: Buffer, position: number, records: Records): void;
  /** The stream has ended: what is left is a complete record, or several. Each step of the iteration passes on one. */
  end(records: Records): Iterable<void>;
}
