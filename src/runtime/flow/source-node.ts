import type { Log } from "../../context.ts";
import { Decoder, type DecoderOptions } from "../../decode/decoder.ts";
import { isPassedAlone } from "../../decode/pass-alone.ts";
import type { Json } from "../../json.ts";
import { kubernetesList } from "../../kubernetes-list.ts";
import { annotateFor, type OriginOptions, originOf } from "../../origin/origin.ts";
import type { Checkpoint, Offer, Part, Reading } from "../../plugin.ts";
import type { Passer } from "../../scan/passer.ts";
import type { CheckpointChange } from "../../storage/database.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { DeadLetters } from "../dead-letters/dead-letters.ts";
import { batchEvents, Filling, handlersOf } from "./filling.ts";
import type { Admission, Flight } from "./flight.ts";
import type { Group, Origin } from "./group.ts";
import { Outlets } from "./outlets.ts";
import type { PassingOver } from "./passing/passing-over.ts";
import { firstPortion, portionAfter } from "./portion.ts";
import { ReadingClock } from "./reading-clock.ts";
import type { ScannedReading, Scanning } from "./scanned-reading.ts";
import type { Stamps } from "./stamp.ts";
import { TextNotes } from "./text-notes.ts";
import { TextTimer } from "./text-timer.ts";
import { type Draft, newDraft, takeWhole } from "./whole-reading.ts";

export interface SourceNodeOptions {
  readonly id: string;
  readonly decoding: DecoderOptions;
  /** Whether the source can read again what was not committed. */
  readonly replays: boolean;
  /** What is added to events. */
  readonly added: OriginOptions;
  readonly group: Group;
  readonly ledger: Ledger;
  readonly stamps: Stamps;
  readonly deadLetters: DeadLetters;
  readonly log: Log;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly announce: (flight: Flight) => void;
  /** Called when an error leaves the source unable to continue. */
  readonly fail: (component: string, error: unknown) => void;
}

/** A source in the running graph. It decodes readings into batches, each with the checkpoint to commit with it. */
export class SourceNode implements Origin {
  readonly id: string;
  readonly outlets = new Outlets();
  readonly announce: (flight: Flight) => void;
  readonly #options: SourceNodeOptions;
  readonly #decoders = new Map<string, Decoder>();
  /** The latest checkpoint detail of each stream. It outlives the decoder, because a stream that ended may continue. */
  readonly #details: Map<string, Json>;
  /** The time since when the source has been asked for data and had none, by the monotonic clock. */
  #idleSince: number | undefined;
  readonly #notes: TextNotes;
  readonly #readingClock: ReadingClock;
  readonly #textTimer: TextTimer;
  #passingOver: PassingOver | undefined;
  #isOver = false;
  #portion = firstPortion;

  constructor(options: SourceNodeOptions) {
    this.id = options.id;
    this.#notes = new TextNotes({ ...options, clock: options.group.clock });
    this.announce = options.announce;
    this.#options = options;
    this.#details = new Map([...options.checkpoints].map(([stream, { detail }]) => [stream, detail]));
    this.#readingClock = new ReadingClock(options.group.clock);
    this.#textTimer = new TextTimer({
      clock: options.group.clock,
      readingClock: this.#readingClock,
      decoders: this.#decoders,
      room: (signal) => options.group.room(signal),
      close: (stream, decoder) => this.#closeTextsOf(stream, decoder, this.#readingClock.now()),
    });
  }

  /** From now on, records that nobody can want are passed over. */
  passOver(passingOver: PassingOver): void {
    this.#passingOver = passingOver;
  }

  /** Resolves when the source may be asked for more, or `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    const { group } = this.#options;
    if (!group.hasRoom) this.#readingClock.stop();
    await group.room(signal);
    this.#readingClock.goOn();
  }

  /** How many bytes to take at once. */
  get portion(): number {
    return this.#portion;
  }

  /** Accepts a reading that a source pushes. Refuses it at once if there is no room. */
  offer(reading: Reading): Offer {
    const { group, ledger } = this.#options;
    if (!group.hasRoom || !group.isOpen) {
      ledger.refuse("no_room");
      this.asked();
      return "full";
    }
    if (!reading.once) this.take(reading);
    else if ((reading.bytes.length > 0 || reading.settled) && !this.#isPassed(reading)) this.#takeWhole(reading);
    this.asked();
    return "accepted";
  }

  /** Takes a reading that is one record which nobody can want: of its event nothing would come, whatever else is going on. */
  #isPassed(reading: Reading): boolean {
    const { ledger, decoding } = this.#options;
    const { bytes, framing, encoding, settled } = reading;
    const passer = encoding === undefined ? this.#passerFor(codecOf(reading, decoding.codec)) : undefined;
    if (!passer || !isPassedAlone(bytes, framing ?? decoding.framing, decoding, passer)) return false;
    ledger.bytes += bytes.length;
    ledger.received++;
    this.#countPassed(1);
    settled?.("committed");
    return true;
  }

  #countPassed(records: number): void {
    const { ledger } = this.#options;
    ledger.sent += records;
    this.#passingOver!.count(records);
    ledger.note("passed_over", records);
  }

  #passerFor(codec: DecoderOptions["codec"]): Passer | undefined {
    return this.#passingOver?.passerFor(codec, annotateFor(codec, this.#options.added) !== undefined);
  }

  /**
   * What scans a reading ahead; `undefined` if nothing does, or it would be for nothing. What a source cannot read again is not
   * read ahead, because all that is not decoded is lost when weir stops.
   */
  scanningOf(reading: Reading): Scanning | undefined {
    const { decoding, replays } = this.#options;
    const { parts, once, settled, encoding, framing = decoding.framing } = reading;
    if (!replays || parts || once || settled || encoding !== undefined || framing !== "newline") return undefined;
    const passer = this.#passerFor(codecOf(reading, decoding.codec));
    return passer?.isWorthwhile ? this.#passingOver!.scanningOf(passer) : undefined;
  }

  /** Call it when the source is asked for more. */
  asked(): void {
    this.#idleSince = this.#options.group.clock.monotonic();
  }

  /** Call it when the source has ended. What cannot be read again is not waited for. */
  over(): void {
    this.#isOver = true;
    this.#passingOver?.end();
    if (this.#options.replays) return;
    for (const [stream, decoder] of this.#decoders) if (decoder.due !== undefined) this.#closeTextsOf(stream, decoder);
  }

  /** How long the source has been asked for data and had none, in milliseconds; 0 while there is no room to ask. */
  get idle(): number {
    const { group } = this.#options;
    if (this.#isOver) return Number.POSITIVE_INFINITY;
    return this.#idleSince === undefined || !group.hasBudget
      ? 0
      : Math.max(0, group.clock.monotonic() - this.#idleSince);
  }

  /** Decodes a reading and admits its batches. When it returns, the buffer of the reading may be reused. */
  take(reading: ScannedReading): void {
    this.#idleSince = undefined;
    const ingested = this.#options.stamps.next();
    const detailChanged = reading.detail !== undefined;
    if (reading.detail !== undefined) this.#details.set(reading.stream, reading.detail);
    const detail = this.#details.get(reading.stream) ?? null;
    this.#options.ledger.bytes += reading.bytes.length;
    this.#options.group.take(reading.bytes.length);

    if (reading.parts) {
      this.#takeParts(reading, reading.parts, ingested, detail);
      return;
    }
    const decoder = this.#decoder(reading);
    const filling = this.#fill(reading.stream, decoder, ingested, detail);
    decoder.push(reading.bytes, reading.position, ingested, filling.handlers, reading.ahead);
    if (reading.end || reading.once) decoder.end(ingested, filling.handlers);
    this.#portion = portionAfter(filling.draft);

    const checkpoint = reading.forget ? undefined : { ...decoder.place, detail };
    if (reading.end || reading.forget) this.#decoders.delete(reading.stream);
    if (reading.forget) this.#details.delete(reading.stream);
    const hasChanged = !filling.isEmpty || reading.end || reading.forget || detailChanged;
    if (hasChanged || reading.settled) this.#admit(reading, filling.draft, ingested, checkpoint, reading.settled);
    if (decoder.due !== undefined) this.#textTimer.wake();
  }

  /** Parts are one batch, and the checkpoint after it is behind all of them. */
  #takeParts(reading: Reading, parts: readonly Part[], ingested: number, detail: Json): void {
    const { stream, position, framing, codec, settled } = reading;
    const ledger = this.#options.ledger;
    const draft = newDraft();
    for (const { position: at, bytes, origin } of parts) {
      const own = { stream: `${stream}/${at}`, origin };
      const decoding = { ...own, position: 0, ...(framing && { framing }), ...(codec && { codec }) };
      const decoder = new Decoder(this.id, own.stream, this.#decoding(decoding));
      const handlers = handlersOf(draft, own, (count) => ledger.note("zero_bytes", count));
      ledger.bytes += bytes.length;
      decoder.push(bytes, 0, ingested, handlers);
      decoder.end(ingested, handlers);
    }
    this.#admit(reading, draft, ingested, { position, detail }, settled);
  }

  /** Collects what a decoder passes on, and admits each batch that is full. */
  #fill(stream: string, decoder: Decoder, ingested: number, detail: Json): Filling {
    return new Filling(this.#options.ledger, (draft, position) =>
      this.#admit({ stream }, draft, ingested, { ...decoder.placeBefore(position), detail }),
    );
  }

  /** Passes on texts that have waited long enough for what may come next, until `signal` aborts. */
  closeTexts(signal: AbortSignal): Promise<void> {
    return this.#textTimer.run(signal);
  }

  /** Passes on the texts of a stream that may go on: those that have waited long enough by `now`, or all. */
  #closeTextsOf(stream: string, decoder: Decoder, now?: number): void {
    const ingested = this.#options.stamps.next();
    const detail = this.#details.get(stream) ?? null;
    const filling = this.#fill(stream, decoder, ingested, detail);
    decoder.closeTexts(ingested, filling.handlers, now);
    this.#admit({ stream }, filling.draft, ingested, { ...decoder.place, detail });
  }

  #takeWhole(reading: Reading): void {
    const { group, stamps, ledger, fail } = this.#options;
    this.#idleSince = undefined;
    ledger.bytes += reading.bytes.length;
    takeWhole({
      reading,
      decoder: this.#decoder(reading),
      batchRecords: batchEvents,
      stamp: () => stamps.next(),
      admit: (draft, ingested, settled) => this.#admit(reading, draft, ingested, undefined, settled),
      state: () => group,
      changed: () => group.changed(),
      fail: (error) => fail(this.id, error),
    });
  }

  /** The decoder of a stream. A `once` reading gets its own, because the same request may be in progress twice. */
  #decoder(reading: Reading): Decoder {
    if (reading.once) return new Decoder(this.id, reading, this.#decoding(reading), reading.position);
    const known = this.#decoders.get(reading.stream);
    if (known) return known;
    const { stream, position } = reading;
    const saved = this.#options.checkpoints.get(stream);
    const beyond = saved?.position === position ? saved.beyond : undefined;
    const decoder = new Decoder(this.id, stream, { ...this.#decoding(reading), beyond }, position);
    this.#decoders.set(stream, decoder);
    return decoder;
  }

  #decoding(reading: Omit<Reading, "bytes"> & Pick<Part, "origin">): DecoderOptions {
    const { decoding, added } = this.#options;
    const { framing, encoding } = reading;
    const codec = codecOf(reading, decoding.codec);
    return {
      listKind: kubernetesList,
      ...decoding,
      framing: framing ?? decoding.framing,
      codec,
      origin: originOf(reading),
      annotate: annotateFor(codec, added),
      passer: this.#passerFor(codec),
      encoding: decoding.encoding === "auto" && encoding !== undefined ? encoding : decoding.encoding,
      onInvalidText: (found) => this.#notes.invalid(found, reading.stream),
      onTruncated: () => this.#notes.truncated(reading.stream),
      readingTime: () => this.#readingClock.now(),
    };
  }

  #admit(
    reading: Pick<Reading, "stream" | "once" | "path" | "link" | "peer">,
    { events, failures, passed, bytes }: Draft,
    ingested: number,
    checkpoint: Checkpoint | undefined,
    settled?: Admission["settled"],
  ): void {
    const { group, ledger, deadLetters } = this.#options;
    ledger.received += events.length + failures.length + passed;
    ledger.sent += events.length;
    if (passed > 0) this.#countPassed(passed);
    for (const { reason } of failures) ledger.deadLetter(reason, 1);
    const change: CheckpointChange | undefined = reading.once
      ? undefined
      : { source: this.id, stream: reading.stream, checkpoint };
    const undecoded = (flight: Flight) => {
      flight.open++;
      const place = { source: this.id, stream: reading.stream, origin: originOf(reading) };
      deadLetters.undecoded(flight, place, failures, ingested, () => group.release(flight));
    };
    group.admit(this, {
      events,
      admission: { checkpoint: change, bytes, ingested, settled },
      alongside: failures.length > 0 ? undecoded : undefined,
    });
  }
}

/** What reads a stream: the reading or the component says it. */
const codecOf = (
  { codec, isText }: Pick<Reading, "codec" | "isText">,
  own: DecoderOptions["codec"],
): DecoderOptions["codec"] => codec ?? (isText && own === "json" ? "text" : own);
