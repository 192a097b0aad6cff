import type { Event, Meta } from "../../event.ts";
import type { Data } from "../../json.ts";

/** Why a record could not be decoded. */
export class Unreadable {
  /** `not_json`, `not_an_object`, `too_deep` or `too_many_values`. */
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
  /**
   * The record is `block[start, end)`, in UTF-8 if the codec says so. The event keeps a copy and never refers to `block`.
   * `text` is the record's text, and `isExact` whether it has all of the record's content: a U+FFFD in it may stand for
   * bytes that are not valid. `shared` is as in `Records`.
   */
  read(
    text: string,
    isExact: boolean,
    meta: Meta,
    shared: Data | undefined,
    block: Buffer,
    start: number,
    end: number,
  ): Event | Unreadable;
}

export const textCodec: RecordCodec = {
  read: (text, _isExact, meta) => ({ data: { message: text }, meta }),
};
