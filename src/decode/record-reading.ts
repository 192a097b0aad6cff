import type { Encoding } from "../encodings.ts";
import { type Event, RecordMeta } from "../event.ts";
import type { Data } from "../json.ts";
import { type RecordCodec, Unreadable } from "./codec/codec.ts";
import type { TextReader } from "./encoding.ts";
import { headBytes, type Oversize } from "./framing/framing.ts";
import type { DecodeFailure, DecoderOptions, RecordHandlers } from "./options.ts";

/** The bytes `block[start, end)`. */
export interface Bytes {
  readonly block: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Reads records with a codec, and does with bytes that are not valid what the options say. */
export class RecordReading {
  readonly #source: string;
  readonly #of: { readonly stream: string };
  readonly #options: DecoderOptions;
  readonly #reader: TextReader;
  readonly #codec: RecordCodec;
  /** Where the records are from: the `origin` of their meta. */
  origin: Data | undefined;

  /** `of`: what is read. Its stream is asked for when there is a record. */
  constructor(
    source: string,
    of: { readonly stream: string },
    options: DecoderOptions,
    reader: TextReader,
    codec: RecordCodec,
  ) {
    this.#source = source;
    this.#of = of;
    this.#options = options;
    this.origin = options.origin;
    this.#reader = reader;
    this.#codec = codec;
  }

  /** Passes on the record `block[start, end)`; it had `size` bytes in the stream. */
  record(
    block: Buffer,
    start: number,
    end: number,
    size: number,
    position: number,
    shared: Data | undefined,
    ingested: number,
    handlers: RecordHandlers,
  ): void {
    const text = this.#reader.read(block, start, end);
    const isExact = this.#reader.isExact(text, block, start, end);
    const meta = this.meta(position, ingested);
    const event =
      (isExact ? undefined : this.invalid()) ?? this.#codec.read(text, isExact, meta, shared, block, start, end);
    if (event instanceof Unreadable) handlers.failure(this.failure(event, position, { block, start, end }));
    else this.pass(isExact ? event : this.inexact(event, () => block.toString("base64", start, end)), size, handlers);
  }

  /** Passes on an event, with the fields that the options add. */
  pass(event: Event, size: number, handlers: RecordHandlers): void {
    const { annotate } = this.#options;
    handlers.event(annotate ? { data: annotate(event.data, event.meta), meta: event.meta } : event, size);
  }

  meta(position: number, ingested: number): RecordMeta {
    return new RecordMeta(this.#source, this.#of.stream, position, ingested, undefined, undefined, this.origin);
  }

  /** Reports bytes that are not valid. Returns the reason if the record is to be rejected. */
  invalid(): Unreadable | undefined {
    const { invalidText, onInvalidText } = this.#options;
    const { encoding } = this.#reader;
    onInvalidText?.(encoding);
    if (invalidText !== "reject") return undefined;
    return new Unreadable("invalid_text", `the record has bytes that are not valid ${encoding}`);
  }

  /** An event with bytes that are not valid; `base64` has all bytes of its record. */
  inexact(event: Event, base64: () => string): Event {
    if (this.#options.invalidText !== "keep") return event;
    return { data: { ...event.data, raw_base64: base64() }, meta: event.meta };
  }

  failure({ reason, message }: Unreadable, position: number, { block, start, end }: Bytes): DecodeFailure {
    const head = Buffer.from(block.subarray(start, Math.min(end, start + headBytes)));
    return { position, reason, message, head, encoding: this.#encoding };
  }

  tooLong({ position, length, head }: Oversize): DecodeFailure {
    const message = `the record has ${length} bytes, more than max_line (${this.#options.maxLine} bytes); its first ${head.length} bytes are kept here`;
    return { position, reason: "line_too_long", message, head, encoding: this.#encoding };
  }

  cutOff({ position, length, head }: Oversize): DecodeFailure {
    const message = `the stream ended after ${length} bytes of a record that was announced to be longer`;
    return { position, reason: "incomplete", message, head, encoding: this.#encoding };
  }

  /** The encoding of records, unless it is UTF-8. */
  get #encoding(): Encoding | undefined {
    const { encoding } = this.#reader;
    return encoding === "utf-8" ? undefined : encoding;
  }
}
