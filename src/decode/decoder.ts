import { type Event, RecordMeta } from "../event.ts";
import { type Data, isObject, kindOf } from "../json.ts";
import type { Codec, Framing } from "../plugin.ts";
import { ItemsFraming } from "./items.ts";
import { headBytes, LineFraming, type LineHandlers, type Oversize, type Shared, WholeFraming } from "./lines.ts";

export interface DecoderOptions {
  readonly codec: Codec;
  readonly framing: Framing;
  /** Longest record in bytes; a longer one is rejected with its head. */
  readonly maxLine: number;
}

/** A record that is no event: where it was, why, and its first 64 KiB. */
export interface DecodeFailure {
  readonly position: number;
  /** `line_too_long`, `not_json` or `not_an_object`. */
  readonly reason: string;
  readonly message: string;
  readonly head: Buffer;
}

/** What the host does with records as they are decoded, in the order of the stream. */
export interface RecordHandlers {
  event(event: Event, bytes: number): void;
  failure(failure: DecodeFailure): void;
}

/**
 * Turns the bytes of one stream into events: framing, then the codec. Text is read as UTF-8; bytes that are not are
 * replaced by U+FFFD. Empty lines are no records. A byte order mark at the start of a stream is not part of the record.
 */
export class Decoder {
  readonly #source: string;
  readonly #stream: string;
  readonly #codec: DecoderOptions["codec"];
  readonly #maxLine: number;
  readonly #framing: LineFraming | WholeFraming | ItemsFraming;

  /** `position`: byte offset in the stream of the first byte that will be pushed. */
  constructor(source: string, stream: string, { codec, framing, maxLine }: DecoderOptions, position = 0) {
    this.#source = source;
    this.#stream = stream;
    this.#codec = codec;
    this.#maxLine = maxLine;
    this.#framing = new framings[framing](maxLine, position);
  }

  /** Byte offset in the stream up to which every record has been handed on. */
  get reached(): number {
    return this.#framing.reached;
  }

  /** `ingested`: the host's stamp of this reading, in milliseconds since 1970. */
  push(bytes: Uint8Array, position: number, ingested: number, handlers: RecordHandlers): void {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#framing.push(block, position, this.#lines(ingested, handlers));
  }

  /** The stream has ended: an unterminated last line is a record. */
  end(ingested: number, handlers: RecordHandlers): void {
    this.#framing.end(this.#lines(ingested, handlers));
  }

  #lines(ingested: number, handlers: RecordHandlers): LineHandlers {
    return {
      line: (block, start, end, position, shared) => {
        const from = position === 0 && startsWithByteOrderMark(block, start) ? start + 3 : start;
        if (end <= from) return;
        const text = block.toString("utf8", from, end);
        const data = this.#codec === "text" ? { message: text } : parse(text);
        if (data instanceof ParseFailure)
          handlers.failure({
            ...data.failure,
            position,
            head: Buffer.from(block.subarray(from, Math.min(end, from + headBytes))),
          });
        else {
          const meta = new RecordMeta(this.#source, this.#stream, position, ingested);
          handlers.event(
            { data: shared && this.#codec === "json" ? completed(data, shared) : data, meta },
            end - start,
          );
        }
      },
      oversize: (record) => handlers.failure(this.#tooLong(record)),
    };
  }

  #tooLong({ position, length, head }: Oversize): DecodeFailure {
    const message = `a record of ${length} bytes is longer than max_line, ${this.#maxLine} bytes; its first ${head.length} bytes are kept here`;
    return { position, reason: "line_too_long", message, head };
  }
}

const framings = { newline: LineFraming, whole: WholeFraming, items: ItemsFraming } as const;

/** An item with what its list says for all; the object is fresh from the parser, and still ours. */
const completed = (data: Data, { kind, apiVersion }: Shared): Data => {
  const own = data as Record<string, unknown>;
  if (own["kind"] === undefined) own["kind"] = kind;
  if (own["apiVersion"] === undefined) own["apiVersion"] = apiVersion;
  return data;
};

const startsWithByteOrderMark = (block: Buffer, at: number) =>
  block[at] === 0xef && block[at + 1] === 0xbb && block[at + 2] === 0xbf;

class ParseFailure {
  readonly failure: { readonly reason: string; readonly message: string };

  constructor(reason: string, message: string) {
    this.failure = { reason, message };
  }
}

const parse = (text: string): Data | ParseFailure => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return new ParseFailure("not_json", `the record is not JSON: ${(error as Error).message}`);
  }
  return isObject(value)
    ? value
    : new ParseFailure("not_an_object", `a JSON object is wanted, this record is ${kindOf(value)}`);
};
