import type { BuiltCodec } from "../codec.ts";
import type { Encoding } from "../encodings.ts";
import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Annotate } from "../origin/annotate.ts";
import type * as plugin from "../plugin.ts";
import type { Passer } from "../scan/passer.ts";
import type { ItemPasser } from "./framing/items.ts";
import type { ListKind, SplitItems } from "./framing/list.ts";
import type { Place } from "./join/joiner.ts";
import type { Multiline } from "./join/multiline.ts";

type InvalidText = "replace" | "keep" | "reject";

export interface DecoderOptions {
  readonly codec: plugin.CodecName | BuiltCodec;
  readonly framing: plugin.Framing;
  /** The longest record, in bytes; a longer one is rejected with its head. */
  readonly maxLine: number;
  /** For the framing `items`: which objects are cut into items; `auto` by default. */
  readonly splitItems?: SplitItems | undefined;
  /** For the framing `items`: recognises the lists that `auto` cuts. Without it, `auto` cuts none. */
  readonly listKind?: ListKind | undefined;
  /** The encoding of the bytes. `auto`, the default: UTF-8, or UTF-16 if the stream begins with its byte order mark. */
  readonly encoding?: Encoding | "auto" | undefined;
  /**
   * What to do with a record that has bytes that are not valid in the encoding. They become U+FFFD; with `keep`, the event
   * also gets `raw_base64`, the bytes of the record; with `reject`, the record is a failure. `replace` by default.
   */
  readonly invalidText?: InvalidText | undefined;
  /** Called for each record with such bytes. */
  readonly onInvalidText?: ((encoding: Encoding) => void) | undefined;
  /** With the framing `newline`: which lines are joined to one record. */
  readonly multiline?: Multiline | undefined;
  /** For streams whose records are joined: see `Place`, and the time since which a source could read. */
  readonly beyond?: Place["beyond"];
  readonly readingTime?: (() => number) | undefined;
  /** Called for each text that a limit has parted from what belongs to it. */
  readonly onTruncated?: (() => void) | undefined;
  /** Where the records are from: the `origin` of their meta. */
  readonly origin?: Data | undefined;
  /** Adds fields to the data of each event. */
  readonly annotate?: Annotate | undefined;
  /** How much of its data transforms read: unless it is all, JSON records are validated without being parsed. */
  readonly dataRead?: "none" | "parts" | "all" | undefined;
  /** Finds records that need not be decoded, because nobody can want them. */
  readonly passer?: (LinePasser & ItemPasser) | undefined;
}

/** See `Passer`. */
export type LinePasser = Pick<Passer, "isReady" | "lines">;

/** A record that could not be decoded: where it was, why, and its first 64 KiB. */
export interface DecodeFailure {
  readonly position: number;
  /** `line_too_long`, `incomplete`, `not_json`, `not_an_object`, `too_deep`, `too_many_values`, `invalid_text`, or
   *  the reason of a codec. */
  readonly reason: string;
  readonly message: string;
  readonly head: Buffer;
  /** The stream and the origin of the part of a reading that it is from, if it is from one. */
  readonly part?: { readonly stream: string; readonly origin: Data | undefined };
  /** The encoding of `head`, unless it is UTF-8. */
  readonly encoding?: Encoding | undefined;
}

/** Receives decoded records, in the order of the stream. */
export interface RecordHandlers {
  event(event: Event, bytes: number): void;
  failure(failure: DecodeFailure): void;
  /** So many records were passed over, because nobody can want them. */
  passed?(count: number): void;
  /** So many zero bytes between records were skipped. */
  zeros?(count: number): void;
}
