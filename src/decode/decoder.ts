import { type Event, RecordMeta } from "../event.ts";
import type * as plugin from "../plugin.ts";
import { type RecordCodec, textCodec, Unreadable } from "./codec/codec.ts";
import { parsedJson, scannedJson } from "./codec/json.ts";
import { headBytes, type Oversize, type Records, type StreamFraming } from "./framing/framing.ts";
import { ItemsFraming } from "./framing/items.ts";
import type { ListKind, SplitItems } from "./framing/list.ts";
import { NewlineFraming } from "./framing/newline.ts";
import { WholeFraming } from "./framing/whole.ts";

export interface DecoderOptions {
  readonly codec: plugin.Codec;
  readonly framing: plugin.Framing;
  /** The longest record, in bytes; a longer one is rejected with its head. */
  readonly maxLine: number;
  /** For the framing `items`: which objects are cut into items; `auto` by default. */
  readonly splitItems?: SplitItems | undefined;
  /** For the framing `items`: recognises the lists that `auto` cuts. Without it, `auto` cuts none. */
  readonly listKind?: ListKind | undefined;
  /** False if only sinks read the events: JSON records are then validated without being parsed. */
  readonly isDataRead?: boolean | undefined;
}

/** A record that could not be decoded: where it was, why, and its first 64 KiB. */
export interface DecodeFailure {
  readonly position: number;
  /** `line_too_long`, `not_json`, `not_an_object` or `too_deep`. */
  readonly reason: string;
  readonly message: string;
  readonly head: Buffer;
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
  readonly #maxLine: number;
  readonly #framing: StreamFraming;
  readonly #codec: RecordCodec;

  /** `position`: byte offset in the stream of the first byte that will be pushed. */
  constructor(source: string, stream: string, options: DecoderOptions, position = 0) {
    this.#source = source;
    this.#stream = stream;
    this.#maxLine = options.maxLine;
    this.#framing = framingOf(options, position);
    this.#codec = codecOf(options);
  }

  /** Byte offset in the stream up to which every record has been passed on. */
  get reached(): number {
    return this.#framing.reached;
  }

  /** `ingested`: the host's timestamp of this reading, in milliseconds since 1970. */
  push(bytes: Uint8Array, position: number, ingested: number, handlers: RecordHandlers): void {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#framing.push(
      block,
      position,
      this.#records(() => ingested, handlers),
    );
  }

  /** The stream has ended: an unterminated last line is a record. */
  end(ingested: number, handlers: RecordHandlers): void {
    for (const _step of this.#framing.end(this.#records(() => ingested, handlers)));
  }

  /** Decodes a whole stream in small steps, so that the caller can pause. `ingested` is called for each record. */
  *whole(bytes: Uint8Array, position: number, ingested: () => number, handlers: RecordHandlers): Generator<void> {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = this.#records(ingested, handlers);
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
        const from = position === 0 && startsWithByteOrderMark(block, start) ? start + 3 : start;
        if (end <= from) return;
        const meta = new RecordMeta(this.#source, this.#stream, position, ingested());
        const event = this.#codec.read(block, from, end, meta, shared);
        if (event instanceof Unreadable) {
          const head = Buffer.from(block.subarray(from, Math.min(end, from + headBytes)));
          handlers.failure({ position, reason: event.reason, message: event.message, head });
        } else handlers.event(event, end - start);
      },
      oversize: (record) => handlers.failure(this.#tooLong(record)),
      zeros: (count) => handlers.zeros?.(count),
    };
  }

  #tooLong({ position, length, head }: Oversize): DecodeFailure {
    const message = `the record has ${length} bytes, more than max_line (${this.#maxLine} bytes); its first ${head.length} bytes are kept here`;
    return { position, reason: "line_too_long", message, head };
  }
}

const framingOf = (options: DecoderOptions, position: number): StreamFraming => {
  const { framing, maxLine, splitItems = "auto", listKind = () => undefined } = options;
  if (framing === "items") return new ItemsFraming(maxLine, position, { splitItems, listKind });
  return framing === "whole" ? new WholeFraming(maxLine, position) : new NewlineFraming(maxLine, position);
};

const codecOf = ({ codec, isDataRead = true }: DecoderOptions): RecordCodec => {
  if (codec === "text") return textCodec;
  return isDataRead ? parsedJson : scannedJson;
};

const startsWithByteOrderMark = (block: Buffer, at: number) =>
  block[at] === 0xef && block[at + 1] === 0xbb && block[at + 2] === 0xbf;
