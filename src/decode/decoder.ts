import type { BuiltCodec } from "../codec.ts";
import type { Encoding } from "../encodings.ts";
import { type Event, RecordMeta } from "../event.ts";
import type { Data } from "../json.ts";
import type { Annotate } from "../origin/annotate.ts";
import type * as plugin from "../plugin.ts";
import { type RecordCodec, textCodec, Unreadable } from "./codec/codec.ts";
import { customCodec } from "./codec/custom.ts";
import { parsedJson, scannedJson } from "./codec/json.ts";
import { isUtf16, markedEncoding, markLength, type TextReader, textReader } from "./encoding.ts";
import { headBytes, type Oversize, type Records, type StreamFraming } from "./framing/framing.ts";
import { ItemsFraming } from "./framing/items.ts";
import { lineEndsOf } from "./framing/line-ends.ts";
import type { ListKind, SplitItems } from "./framing/list.ts";
import { NewlineFraming } from "./framing/newline.ts";
import { UnitFraming } from "./framing/units.ts";
import { WholeFraming } from "./framing/whole.ts";

export type InvalidText = "replace" | "keep" | "reject";

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
  /** Where the records are from: the `origin` of their meta. */
  readonly origin?: Data | undefined;
  /** Adds fields to the data of each event. */
  readonly annotate?: Annotate | undefined;
  /** False if only sinks read the events: JSON records are then validated without being parsed. */
  readonly isDataRead?: boolean | undefined;
}

/** A record that could not be decoded: where it was, why, and its first 64 KiB. */
export interface DecodeFailure {
  readonly position: number;
  /** `line_too_long`, `not_json`, `not_an_object`, `too_deep`, `too_many_values`, `invalid_text`, or
   *  the reason of a codec. */
  readonly reason: string;
  readonly message: string;
  readonly head: Buffer;
  /** The encoding of `head`, unless it is UTF-8. */
  readonly encoding?: Encoding | undefined;
}

/** Receives decoded records, in the order of the stream. */
export interface RecordHandlers {
  event(event: Event, bytes: number): void;
  failure(failure: DecodeFailure): void;
  /** So many zero bytes between records were skipped. */
  zeros?(count: number): void;
}

/**
 * Turns the bytes of one stream into events: the framing cuts records, the codec reads them. Empty records are
 * skipped. A byte order mark at the start of a stream is not part of the record. Events contain copies: the bytes may be
 * reused when `push` has returned.
 */
export class Decoder {
  readonly #source: string;
  readonly #stream: string;
  readonly #options: DecoderOptions;
  #framing!: StreamFraming;
  #codec!: RecordCodec;
  #text!: TextReader;
  /** The first bytes of a stream whose encoding is not known yet, because there are too few of them. */
  #start: Buffer | undefined;

  /** `position`: byte offset in the stream of the first byte that will be pushed. */
  constructor(source: string, stream: string, options: DecoderOptions, position = 0) {
    this.#source = source;
    this.#stream = stream;
    this.#options = options;
    const { encoding = "auto" } = options;
    if (encoding === "auto" && position === 0) this.#start = Buffer.alloc(0);
    this.#use(encoding === "auto" ? "utf-8" : encoding, position);
  }

  /** Byte offset in the stream up to which every record has been passed on. */
  get reached(): number {
    return this.#framing.reached;
  }

  /** `ingested`: the host's timestamp of this reading, in milliseconds since 1970. */
  push(bytes: Uint8Array, position: number, ingested: number, handlers: RecordHandlers): void {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = this.#records(() => ingested, handlers);
    if (this.#start?.length === position) this.#begin(block, records);
    else this.#framing.push(block, position, records);
  }

  /** Waits for as many bytes as a byte order mark has, and passes them on. */
  #begin(block: Buffer, records: Records): void {
    const start = this.#start && this.#start.length > 0 ? Buffer.concat([this.#start, block]) : block;
    if (start.length < 2) this.#start = Buffer.from(start);
    else {
      this.#detect(start);
      this.#framing.push(start, 0, records);
    }
  }

  /** Finds the encoding of a stream that begins with these bytes. */
  #detect(start: Buffer): void {
    this.#start = undefined;
    const marked = markedEncoding(start);
    if (marked) this.#use(marked, 0);
  }

  #use(encoding: Encoding, position: number): void {
    const options = this.#options;
    const { onInvalidText } = options;
    // The items of a list are found in UTF-8.
    const isList = options.framing === "items";
    this.#text = textReader(isList ? "utf-8" : encoding);
    const toUtf8 = isList && encoding !== "utf-8" ? utf8From(textReader(encoding), onInvalidText) : undefined;
    this.#framing = framingOf(options, position, encoding, toUtf8);
    this.#codec = codecOf(options, encoding);
  }

  /** The stream has ended: an unterminated last line is a record. */
  end(ingested: number, handlers: RecordHandlers): void {
    const records = this.#records(() => ingested, handlers);
    const start = this.#start;
    this.#start = undefined;
    if (start && start.length > 0) this.#framing.push(start, 0, records);
    for (const _step of this.#framing.end(records));
  }

  /** Decodes a whole stream in small steps, so that the caller can pause. `ingested` is called for each record. */
  *whole(bytes: Uint8Array, position: number, ingested: () => number, handlers: RecordHandlers): Generator<void> {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = this.#records(ingested, handlers);
    if (this.#start?.length === position) this.#detect(block.subarray(0, 2));
    const { portion } = this.#framing;
    for (let at = 0; at < block.length; at += portion) {
      this.#framing.push(block.subarray(at, Math.min(at + portion, block.length)), position + at, records);
      yield;
    }
    yield* this.#framing.end(records);
  }

  #records(ingested: () => number, handlers: RecordHandlers): Records {
    return {
      record: (block, start, end, position, shared) => {
        const from = position === 0 ? start + markLength(this.#text.encoding, block, start) : start;
        if (end <= from) return;
        const text = this.#text.read(block, from, end);
        const isExact = this.#text.isExact(text, block, from, end);
        const { origin, annotate } = this.#options;
        const meta = new RecordMeta(this.#source, this.#stream, position, ingested(), undefined, undefined, origin);
        const event =
          (isExact ? undefined : this.#invalid()) ?? this.#codec.read(text, isExact, meta, shared, block, from, end);
        if (event instanceof Unreadable) {
          const head = Buffer.from(block.subarray(from, Math.min(end, from + headBytes)));
          handlers.failure({ position, reason: event.reason, message: event.message, head, encoding: this.#encoding });
        } else {
          const isWhole = isExact || this.#options.invalidText !== "keep";
          const raw = isWhole ? undefined : block.toString("base64", from, end);
          const read = raw === undefined ? event : { data: { ...event.data, raw_base64: raw }, meta };
          handlers.event(annotate ? { data: annotate(read.data, meta), meta } : read, end - start);
        }
      },
      oversize: (record) => handlers.failure(this.#tooLong(record)),
      zeros: (count) => handlers.zeros?.(count),
    };
  }

  /** The encoding of records, unless it is UTF-8. */
  get #encoding(): Encoding | undefined {
    const { encoding } = this.#text;
    return encoding === "utf-8" ? undefined : encoding;
  }

  /** Reports bytes that are not valid. Returns the reason if the record is to be rejected. */
  #invalid(): Unreadable | undefined {
    const { invalidText, onInvalidText } = this.#options;
    const { encoding } = this.#text;
    onInvalidText?.(encoding);
    if (invalidText !== "reject") return undefined;
    return new Unreadable("invalid_text", `the record has bytes that are not valid ${encoding}`);
  }

  #tooLong({ position, length, head }: Oversize): DecodeFailure {
    const message = `the record has ${length} bytes, more than max_line (${this.#options.maxLine} bytes); its first ${head.length} bytes are kept here`;
    return { position, reason: "line_too_long", message, head, encoding: this.#encoding };
  }
}

/** Turns a whole body into UTF-8. */
const utf8From =
  (reader: TextReader, onInvalidText: DecoderOptions["onInvalidText"]) =>
  (body: Buffer): Buffer => {
    const from = markLength(reader.encoding, body, 0);
    const text = reader.read(body, from, body.length);
    if (!reader.isExact(text, body, from, body.length)) onInvalidText?.(reader.encoding);
    return Buffer.from(text);
  };

const framingOf = (
  options: DecoderOptions,
  position: number,
  encoding: Encoding,
  toUtf8: ((body: Buffer) => Buffer) | undefined,
): StreamFraming => {
  const { framing, maxLine, splitItems = "auto", listKind = () => undefined } = options;
  if (framing === "items") return new ItemsFraming(maxLine, position, { splitItems, listKind, toUtf8 });
  if (framing === "whole") return new WholeFraming(maxLine, position);
  const lines = new NewlineFraming(maxLine, position, lineEndsOf(encoding));
  return isUtf16(encoding) ? new UnitFraming(lines) : lines;
};

const codecOf = ({ codec, isDataRead = true }: DecoderOptions, encoding: Encoding): RecordCodec => {
  if (codec === "text") return textCodec;
  if (codec !== "json") return customCodec(codec);
  return isDataRead || encoding !== "utf-8" ? parsedJson : scannedJson;
};
