import type { Encoding } from "../encodings.ts";
import type { Data } from "../json.ts";
import type { ScannedAhead } from "../scan/ahead/scanned-ahead.ts";
import { type RecordCodec, textCodec } from "./codec/codec.ts";
import { customCodec } from "./codec/custom.ts";
import { outlinedJson, parsedJson, scannedJson } from "./codec/json.ts";
import { isUtf16, markedEncoding, markLength, type TextReader, textReader } from "./encoding.ts";
import { BodyFraming } from "./framing/body.ts";
import type { Records, StreamFraming } from "./framing/framing.ts";
import { ItemsFraming } from "./framing/items.ts";
import { lineEndsOf } from "./framing/line-ends.ts";
import { NewlineFraming } from "./framing/newline.ts";
import { OctetCountingFraming } from "./framing/octet-counting.ts";
import { UnitFraming } from "./framing/units.ts";
import { WholeFraming } from "./framing/whole.ts";
import type { Place } from "./join/joiner.ts";
import { Joining, joinsRecords } from "./join/joining.ts";
import type { DecoderOptions, RecordHandlers } from "./options.ts";
import { RecordReading } from "./record-reading.ts";
import { pushSifted } from "./sift.ts";

export type { DecodeFailure, DecoderOptions, RecordHandlers } from "./options.ts";

/**
 * Turns the bytes of one stream into events: the framing cuts records, the codec reads them. Empty records are
 * skipped. A byte order mark at the start of a stream is not part of the record. Events contain copies: the bytes may be
 * reused when `push` has returned.
 */
export class Decoder {
  readonly #source: string;
  readonly #of: { readonly stream: string };
  #options: DecoderOptions;
  #framing!: StreamFraming;
  #text!: TextReader;
  #reading!: RecordReading;
  /** For streams whose records are joined. */
  #joining: Joining | undefined;
  /** The first bytes of a stream whose encoding is not known yet, because there are too few of them. */
  #start: Buffer | undefined;
  #passesOver = true;

  /**
   * `of`: the id of the stream, or what has it, if it should be asked for only when there is a record. `position`: byte offset
   * in the stream of the first byte that will be pushed.
   */
  constructor(source: string, of: string | { readonly stream: string }, options: DecoderOptions, position = 0) {
    this.#source = source;
    this.#of = typeof of === "string" ? { stream: of } : of;
    this.#options = options;
    const { encoding = "auto" } = options;
    if (encoding === "auto" && position === 0) this.#start = Buffer.alloc(0);
    this.#use(encoding === "auto" ? "utf-8" : encoding, position);
  }

  /** Where the records are from; when it changes, it counts for those that are passed on later. */
  get origin(): Data | undefined {
    return this.#options.origin;
  }

  /** `passesOver`: whether records from there may be passed over, if the options have a passer. */
  follow(origin: Data | undefined, passesOver: boolean): void {
    this.#options = { ...this.#options, origin };
    this.#reading.origin = origin;
    this.#passesOver = passesOver;
  }

  get #passer(): DecoderOptions["passer"] {
    return this.#passesOver ? this.#options.passer : undefined;
  }

  /** Byte offset in the stream up to which every record has been passed on. */
  get reached(): number {
    return this.place.position;
  }

  /** Where to continue after a restart if what was passed on is committed. */
  get place(): Place {
    const { reached } = this.#framing;
    return this.#joining ? this.#joining.placeAt(reached) : { position: reached };
  }

  /** The same for the time before the record at `position` is passed on, to be called while it is. */
  placeBefore(position: number): Place {
    return this.#joining ? this.#joining.placeAt() : { position };
  }

  /** When to pass on texts that may go on, by the clock of the options; undefined if there are none. */
  get due(): number | undefined {
    return this.#joining?.due;
  }

  /** Passes on the texts that may go on and have waited long enough, or without `now` all of them. */
  closeTexts(ingested: number, handlers: RecordHandlers, now?: number): void {
    this.#joining?.close(this.#framing.reached, { ingested, handlers }, now);
  }

  /** `ingested`: the host's timestamp of this reading, in milliseconds since 1970. `ahead`: what a scan has found in it. */
  push(bytes: Uint8Array, position: number, ingested: number, handlers: RecordHandlers, ahead?: ScannedAhead): void {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = this.#records(() => ingested, handlers);
    if (this.#start?.length === position) this.#begin(block, records);
    else this.#push(block, position, records, ahead);
  }

  #push(block: Buffer, position: number, records: Records, ahead?: ScannedAhead): void {
    const passer = this.#passer;
    const framing = this.#framing;
    if (!passer || this.#joining || !(framing instanceof NewlineFraming)) framing.push(block, position, records);
    else pushSifted({ block, position, records, framing, passer, ahead });
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
    this.#framing = framingOf(options, position, encoding, toUtf8, () => this.#passer);
    this.#reading = new RecordReading(this.#source, this.#of, options, this.#text, codecOf(options, encoding));
    this.#joining = joinsRecords(options) ? new Joining(options, this.#reading, this.#text) : undefined;
  }

  /** The stream has ended: an unterminated last line is a record. */
  end(ingested: number, handlers: RecordHandlers): void {
    const records = this.#records(() => ingested, handlers);
    const start = this.#start;
    this.#start = undefined;
    if (start && start.length > 0) this.#framing.push(start, 0, records);
    for (const _step of this.#framing.end(records));
    this.closeTexts(ingested, handlers);
  }

  /**
   * Decodes a whole stream in small steps, so that the caller can pause. The bytes must stay as they are until the last one.
   * `ingested` is called for each record.
   */
  *whole(bytes: Uint8Array, position: number, ingested: () => number, handlers: RecordHandlers): Generator<void> {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records = this.#records(ingested, handlers);
    if (this.#start?.length === position) this.#detect(block.subarray(0, 2));
    const { portion } = this.#framing;
    if (this.#framing instanceof BodyFraming) this.#framing.hold(block, position);
    else
      for (let at = 0; at < block.length; at += portion) {
        this.#push(block.subarray(at, Math.min(at + portion, block.length)), position + at, records);
        yield;
      }
    yield* this.#framing.end(records);
    this.closeTexts(ingested(), handlers);
  }

  #records(ingested: () => number, handlers: RecordHandlers): Records {
    const at = this.#options.readingTime?.() ?? 0;
    return {
      record: (block, start, end, position, shared) => {
        const from = position === 0 ? start + markLength(this.#text.encoding, block, start) : start;
        if (this.#joining)
          this.#joining.record(block, from, Math.max(from, end), position, at, { ingested: ingested(), handlers });
        else if (end > from)
          this.#reading.record(block, from, end, end - start, position, shared, ingested(), handlers);
      },
      oversize: (record) => {
        if (this.#joining) this.#joining.oversize(record, { ingested: ingested(), handlers });
        else handlers.failure(this.#reading.tooLong(record));
      },
      incomplete: (record) => handlers.failure(this.#reading.cutOff(record)),
      passed: (count) => handlers.passed?.(count),
      zeros: (count) => handlers.zeros?.(count),
    };
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
  passer: () => DecoderOptions["passer"],
): StreamFraming => {
  const { framing, maxLine, splitItems = "auto", listKind = () => undefined } = options;
  if (framing === "items") {
    const items = {
      splitItems,
      listKind,
      toUtf8,
      get passer() {
        return passer();
      },
    };
    return new ItemsFraming(maxLine, position, items);
  }
  if (framing === "whole") return new WholeFraming(maxLine, position);
  if (framing === "octet_counting") return new OctetCountingFraming(maxLine, position);
  const lines = new NewlineFraming(maxLine, position, lineEndsOf(encoding));
  return isUtf16(encoding) ? new UnitFraming(lines) : lines;
};

const codecOf = ({ codec, dataRead = "all" }: DecoderOptions, encoding: Encoding): RecordCodec => {
  if (codec === "text") return textCodec;
  if (codec !== "json") return codec.read ? customCodec(codec) : textCodec;
  if (dataRead === "all" || encoding !== "utf-8") return parsedJson;
  return dataRead === "parts" ? outlinedJson : scannedJson;
};
