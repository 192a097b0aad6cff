import { Decoder, type DecoderOptions } from "../../decode/decoder.ts";
import type { Data } from "../../json.ts";
import { kubernetesList } from "../../kubernetes-list.ts";
import { addsOrigin, annotateFor, type OriginOptions, originOf } from "../../origin/origin.ts";
import type { Checkpoint, Part, Reading } from "../../plugin.ts";
import type { Passer } from "../../scan/passer.ts";
import { isCovered } from "./passing/added.ts";
import type { PassingOver } from "./passing/passing-over.ts";
import type { ReadingClock } from "./reading-clock.ts";
import type { Scanning } from "./scanned-reading.ts";
import type { TextNotes } from "./text-notes.ts";

export interface SourceDecodersOptions {
  /** Of the source. */
  readonly id: string;
  readonly decoding: DecoderOptions;
  /** Whether the source can read again what was not committed. */
  readonly replays: boolean;
  /** What is added to events. */
  readonly added: OriginOptions;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly notes: TextNotes;
  readonly readingClock: ReadingClock;
}

/** The decoders of the streams of a source. */
export class SourceDecoders {
  readonly #options: SourceDecodersOptions;
  /** Of the streams that continue. */
  readonly open = new Map<string, Decoder>();
  /** What the last readings of streams said beside their path; most say nothing. */
  readonly #origins = new WeakMap<Decoder, Data>();
  /** If records that nobody can want are passed over. */
  passingOver: PassingOver | undefined;

  constructor(options: SourceDecodersOptions) {
    this.#options = options;
  }

  /** The decoder of a stream. A `once` reading gets its own, because the same request may be in progress twice. */
  of(reading: Reading): Decoder {
    const { id, checkpoints } = this.#options;
    if (reading.once) return new Decoder(id, reading, this.#decoding(reading), reading.position);
    const known = this.open.get(reading.stream);
    if (known) return this.#following(known, reading);
    const { stream, position } = reading;
    const saved = checkpoints.get(stream);
    const beyond = saved?.position === position ? saved.beyond : undefined;
    const decoder = new Decoder(id, stream, { ...this.#decoding(reading), beyond }, position);
    this.open.set(stream, decoder);
    return this.#following(decoder, reading);
  }

  /** The decoder, which from now on says of its records what the reading says of them. */
  #following(decoder: Decoder, reading: Reading): Decoder {
    const { origin } = reading;
    if (origin === undefined || this.#origins.get(decoder) === origin) return decoder;
    this.#origins.set(decoder, origin);
    decoder.follow(originOf(reading), this.#canPassOver(codecOf(reading, this.#options.decoding.codec), origin));
    return decoder;
  }

  /** The decoder of a part of a reading, which is a stream of its own. */
  ofPart({ framing, codec }: Reading, { stream, origin }: Pick<Part, "origin"> & { readonly stream: string }): Decoder {
    const decoding = { stream, origin, position: 0, ...(framing && { framing }), ...(codec && { codec }) };
    return new Decoder(this.#options.id, stream, this.#decoding(decoding));
  }

  /** What tells whether a reading has a record that somebody can want; `undefined` if all of it is decoded. */
  passerOf(reading: Reading): Passer | undefined {
    return reading.encoding === undefined ? this.#passerFor(reading) : undefined;
  }

  #passerFor(reading: Pick<Reading, "codec" | "isText" | "origin">): Passer | undefined {
    const { decoding, added } = this.#options;
    const codec = codecOf(reading, decoding.codec);
    if (!this.passingOver || !this.#canPassOver(codec, reading.origin)) return undefined;
    return this.passingOver.passerFor(codec, annotateFor(codec, added) !== undefined);
  }

  /** Whether records from there can be passed over: not if fields are added to them of which nothing was foreseen. */
  #canPassOver(codec: DecoderOptions["codec"], origin: Data | undefined): boolean {
    return origin === undefined || !addsOrigin(codec, this.#options.added) || isCovered(origin);
  }

  /**
   * What scans a reading ahead; `undefined` if nothing does, or it would be for nothing. What a source cannot read again is not
   * read ahead, because all that is not decoded is lost when weir stops.
   */
  scanningOf(reading: Reading): Scanning | undefined {
    const { decoding, replays } = this.#options;
    const { parts, once, settled, encoding, framing = decoding.framing } = reading;
    if (!replays || parts || once || settled || encoding !== undefined || framing !== "newline") return undefined;
    const passer = this.#passerFor(reading);
    return passer?.isWorthwhile ? this.passingOver!.scanningOf(passer) : undefined;
  }

  #decoding(reading: Omit<Reading, "bytes">): DecoderOptions {
    const { decoding, added, notes, readingClock } = this.#options;
    const { framing, encoding } = reading;
    const codec = codecOf(reading, decoding.codec);
    return {
      listKind: kubernetesList,
      ...decoding,
      framing: framing ?? decoding.framing,
      codec,
      origin: originOf(reading),
      annotate: annotateFor(codec, added),
      passer: this.#passerFor(reading),
      encoding: decoding.encoding === "auto" && encoding !== undefined ? encoding : decoding.encoding,
      onInvalidText: (found) => notes.invalid(found, reading.stream),
      onTruncated: () => notes.truncated(reading.stream),
      readingTime: () => readingClock.now(),
    };
  }
}

/** What reads a stream: the reading or the component says it. */
const codecOf = (
  { codec, isText }: Pick<Reading, "codec" | "isText">,
  own: DecoderOptions["codec"],
): DecoderOptions["codec"] => codec ?? (isText && own === "json" ? "text" : own);
