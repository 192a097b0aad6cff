import type { BuiltCodec, Wrapped } from "../../codec.ts";
import type { Event } from "../../event.ts";
import { isObject } from "../../json.ts";
import { Unreadable } from "../codec/codec.ts";
import { codecError, unsoundData } from "../codec/custom.ts";
import type { TextReader } from "../encoding.ts";
import type { Oversize } from "../framing/framing.ts";
import type { DecoderOptions, RecordHandlers } from "../options.ts";
import type { RecordReading } from "../record-reading.ts";
import { aside, Joiner, type Place } from "./joiner.ts";
import type { OpenText, Part } from "./open-text.ts";

/** How long a line whose parts do not all come is waited for, without `multiline`, in milliseconds. */
const partTimeout = 5_000;

/** The lane of lines that no codec takes out of anything. */
const lines = "lines";

type Unwrapping = Extract<BuiltCodec, { readonly unwrap: unknown }>;

/** Where texts go that are complete, during one call. */
interface Receiver {
  readonly ingested: number;
  readonly handlers: RecordHandlers;
}

/**
 * Stands between the framing and the events of a stream whose records are joined: lines, by `multiline`; and what an
 * unwrapping codec takes out of records.
 */
export class Joining {
  readonly #options: DecoderOptions;
  readonly #reading: RecordReading;
  readonly #reader: TextReader;
  readonly #unwrapping: Unwrapping | undefined;
  readonly #needsBytes: boolean;
  readonly #joiner: Joiner;
  readonly #timeout: number;
  #receiver!: Receiver;

  constructor(options: DecoderOptions, reading: RecordReading, reader: TextReader) {
    const { codec, multiline, invalidText, maxLine, beyond } = options;
    this.#options = options;
    this.#reading = reading;
    this.#reader = reader;
    this.#unwrapping = unwrappingOf(options);
    this.#needsBytes = (!this.#unwrapping && codec !== "text") || invalidText === "keep" || invalidText === "reject";
    this.#timeout = multiline?.timeout ?? partTimeout;
    const pass = (text: OpenText) => this.#pass(text);
    const lineFeed = lineFeedIn(reader);
    const skipsEmpty = !this.#unwrapping;
    // What has other frames than lines is a whole text.
    const rule = options.framing === "newline" ? multiline : undefined;
    this.#joiner = new Joiner({ multiline: rule, maxLine, lineFeed, skipsEmpty, pass }, beyond);
  }

  /** Takes the record `block[start, end)`, which may be an empty line. `at`: the time. */
  record(block: Buffer, start: number, end: number, position: number, at: number, receiver: Receiver): void {
    this.#receiver = receiver;
    const text = this.#reader.read(block, start, end);
    const isExact = this.#reader.isExact(text, block, start, end);
    const bytes = block.subarray(start, end);
    const part = { position, text, isExact, size: bytes.length, bytes: this.#needsBytes ? bytes : undefined };
    if (!this.#unwrapping) this.#joiner.add(lines, { ...part, data: undefined, isPartial: false }, at);
    else if (text !== "") this.#unwrap(this.#unwrapping, part, bytes, at, receiver);
  }

  #unwrap(codec: Unwrapping, part: RecordText, bytes: Buffer, at: number, { ingested, handlers }: Receiver): void {
    const wrapped =
      (part.isExact ? undefined : this.#reading.invalid()) ?? unwrapped(codec, part.text, bytes, ingested);
    const { position } = part;
    if (wrapped instanceof Unreadable) {
      const all = { block: bytes, start: 0, end: bytes.length };
      this.#joiner.passAside(position, () => handlers.failure(this.#reading.failure(wrapped, position, all)));
      return;
    }
    const { lane, text, isPartial, data } = wrapped;
    this.#joiner.add(lane, { ...part, text, isPartial, data }, at);
  }

  /** A record that is too long is none of the lines that are joined. */
  oversize(record: Oversize, receiver: Receiver): void {
    this.#receiver = receiver;
    if (!this.#unwrapping) this.#joiner.close(record.position);
    const pass = () => receiver.handlers.failure(this.#reading.tooLong(record));
    this.#joiner.passAside(record.position, pass);
  }

  /** Passes on what is open, if the time `until` is given only what has waited long enough by then. */
  close(here: number, receiver: Receiver, until?: number): void {
    this.#receiver = receiver;
    this.#joiner.close(here, until === undefined ? undefined : until - this.#timeout);
  }

  /** The time at which something open has waited long enough; undefined if nothing is open. */
  get due(): number | undefined {
    const { since } = this.#joiner;
    return since === undefined ? undefined : since + this.#timeout;
  }

  /** See `Joiner`. */
  placeAt(here?: number): Place {
    return this.#joiner.placeAt(here);
  }

  #pass(text: OpenText): void {
    const { ingested, handlers } = this.#receiver;
    const { position, size, lines, isTruncated, isExact } = text;
    const flags = [...(lines > 1 ? ["multiline"] : []), ...(isTruncated ? ["truncated"] : [])];
    if (isTruncated) this.#options.onTruncated?.();
    const flagged = flags.length === 0 ? handlers : withFlags(handlers, flags);
    if (this.#unwrapping) {
      const event = { data: { ...text.data, message: text.text }, meta: this.#reading.meta(position, ingested) };
      const whole = isExact ? event : this.#reading.inexact(event, () => text.bytes.toString("base64"));
      this.#reading.pass(whole, size, flagged);
    } else if (this.#needsBytes) {
      const { bytes } = text;
      this.#reading.record(bytes, 0, bytes.length, size, position, undefined, ingested, flagged);
    } else {
      if (!isExact) this.#reading.invalid();
      const event = { data: { message: text.text }, meta: this.#reading.meta(position, ingested) };
      this.#reading.pass(event, size, flagged);
    }
  }
}

type RecordText = Omit<Part, "isPartial" | "data">;

/** Whether the records of a stream are joined. */
export const joinsRecords = (options: DecoderOptions): boolean =>
  unwrappingOf(options) !== undefined || (options.multiline !== undefined && options.framing === "newline");

const unwrappingOf = ({ codec }: DecoderOptions): Unwrapping | undefined =>
  typeof codec !== "string" && codec.unwrap ? codec : undefined;

const lineFeedIn = ({ encoding }: TextReader): Uint8Array => {
  if (encoding === "utf-16le") return new Uint8Array([10, 0]);
  return new Uint8Array(encoding === "utf-16be" ? [0, 10] : [10]);
};

/** The longest name of a lane. */
const longestLane = 64;

const unwrapped = (codec: Unwrapping, text: string, bytes: Buffer, ingested: number): Wrapped | Unreadable => {
  let found: Wrapped;
  try {
    found = codec.unwrap(text, bytes, ingested);
  } catch (error) {
    return codecError(codec.name, error);
  }
  const isWhole =
    isObject(found) &&
    typeof found.text === "string" &&
    typeof found.lane === "string" &&
    found.lane !== aside &&
    found.lane.length <= longestLane;
  if (!isWhole)
    return new Unreadable("codec_error", `the codec "${codec.name}" returned no text with the name of its lane`);
  return unsoundData(codec.name, found.data) ?? found;
};

/** Adds `log.flags` to events, unless their `log` is no object. */
const withFlags = (handlers: RecordHandlers, flags: readonly string[]): RecordHandlers => ({
  ...handlers,
  event: (event, size) => handlers.event(flagged(event, flags), size),
});

const flagged = (event: Event, flags: readonly string[]): Event => {
  const { log = {} } = event.data;
  return isObject(log) ? { data: { ...event.data, log: { ...log, flags } }, meta: event.meta } : event;
};
