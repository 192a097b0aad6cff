import type { Event, Meta } from "../../event.ts";
import type { Data } from "../../json.ts";

/** Why a record could not be decoded. */
export class Unreadable {
  /** `not_json`, `not_an_object` or `too_deep`. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;

  constructor(reason: string, message: string) {
    this.reason = reason;
    this.message = message;
  }
}

/** Reads one record. The framing decides where records begin and end. */
export interface RecordCodec {
  /** The record is `block[start, end)`; the event keeps a copy and never refers to `block`. `shared` is as in `Records`. */
  read(block: Buffer, start: number, end: number, meta: Meta, shared: Data | undefined): Event | Unreadable;
}

/** Text is read as UTF-8; invalid bytes are replaced by U+FFFD. */
export const textCodec: RecordCodec = {
  read: (block, start, end, meta) => ({ data: { message: block.toString("utf8", start, end) }, meta }),
};
