import type { Log } from "../../context.ts";
import type { Decoder, DecoderOptions } from "../../decode/decoder.ts";
import { isPassedAlone } from "../../decode/pass-alone.ts";
import type { Data, Json } from "../../json.ts";
import type { OriginOptions } from "../../origin/origin.ts";
import type { Checkpoint, Offer, Part, Reading } from "../../plugin.ts";
import type { CheckpointChange } from "../../storage/database.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { DeadLetters } from "../dead-letters/dead-letters.ts";
import { batchEvents, Filling } from "./filling.ts";
import type { Admission, Flight } from "./flight.ts";
import type { Group, Origin } from "./group.ts";
import { Outlets } from "./outlets.ts";
import { draftOfParts } from "./parts.ts";
import type { PassingOver } from "./passing/passing-over.ts";
import { firstPortion, portionAfter } from "./portion.ts";
import { ReadingClock } from "./reading-clock.ts";
import type { ScannedReading, Scanning } from "./scanned-reading.ts";
import { SourceDecoders } from "./source-decoders.ts";
import type { Stamps } from "./stamp.ts";
import { TextNotes } from "./text-notes.ts";
import { TextTimer } from "./text-timer.ts";
import { type Draft, takeWhole } from "./whole-reading.ts";

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
  readonly #decoders: SourceDecoders;
  /** The latest checkpoint detail of each stream. It outlives the decoder, because a stream that ended may continue. */
  readonly #details: Map<string, Json>;
  /** The time since when the source has been asked for data and had none, by the monotonic clock. */
  #idleSince: number | undefined;
  readonly #readingClock: ReadingClock;
  readonly #textTimer: TextTimer;
  #isOver = false;
  #portion = firstPortion;

  constructor(options: SourceNodeOptions) {
    this.id = options.id;
    this.announce = options.announce;
    this.#options = options;
    this.#details = new Map([...options.checkpoints].map(([stream, { detail }]) => [stream, detail]));
    const { clock } = options.group;
    this.#readingClock = new ReadingClock(clock);
    const notes = new TextNotes({ ...options, clock });
    this.#decoders = new SourceDecoders({ ...options, notes, readingClock: this.#readingClock });
    this.#textTimer = new TextTimer({
      clock,
      readingClock: this.#readingClock,
      decoders: this.#decoders.open,
      room: (signal) => options.group.room(signal),
      close: (stream, decoder) => this.#closeTextsOf(stream, decoder, this.#readingClock.now()),
    });
  }

  /** From now on, records that nobody can want are passed over. */
  passOver(passingOver: PassingOver): void {
    this.#decoders.passingOver = passingOver;
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
    const { bytes, framing, settled } = reading;
    const passer = this.#decoders.passerOf(reading);
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
    this.#decoders.passingOver!.count(records);
    ledger.note("passed_over", records);
  }

  /** What scans a reading ahead; `undefined` if nothing does. */
  scanningOf(reading: Reading): Scanning | undefined {
    return this.#decoders.scanningOf(reading);
  }

  /** Call it when the source is asked for more. */
  asked(): void {
    this.#idleSince = this.#options.group.clock.monotonic();
  }

  /** Call it when the source has ended. What cannot be read again is not waited for. */
  over(): void {
    this.#isOver = true;
    this.#decoders.passingOver?.end();
    if (this.#options.replays) return;
    for (const [stream, decoder] of this.#decoders.open)
      if (decoder.due !== undefined) this.#closeTextsOf(stream, decoder);
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
    const { clock } = this.#options.group;
    const began = clock.monotonic();
    const decoder = this.#decoders.of(reading);
    const filling = this.#fill(reading.stream, decoder, ingested, detail);
    decoder.push(reading.bytes, reading.position, ingested, filling.handlers, reading.ahead);
    if (reading.end || reading.once) decoder.end(ingested, filling.handlers);
    const checkpoint = reading.forget ? undefined : { ...decoder.place, detail };
    if (reading.end || reading.forget) this.#decoders.open.delete(reading.stream);
    if (reading.forget) this.#details.delete(reading.stream);
    const hasChanged = !filling.isEmpty || reading.end || reading.forget || detailChanged;
    const { settled } = reading;
    if (hasChanged || settled) this.#admit(reading, decoder.origin, filling.draft, ingested, checkpoint, settled);
    if (decoder.due !== undefined) this.#textTimer.wake();
    this.#portion = portionAfter(filling.draft, reading.bytes.length, clock.monotonic() - began) ?? this.#portion;
  }

  /** Parts are one batch, and the checkpoint after it is behind all of them. */
  #takeParts(reading: Reading, parts: readonly Part[], ingested: number, detail: Json): void {
    const { position, settled } = reading;
    const draft = draftOfParts(reading, parts, ingested, { decoders: this.#decoders, ledger: this.#options.ledger });
    this.#admit(reading, undefined, draft, ingested, { position, detail }, settled);
  }

  /** Collects what a decoder passes on, and admits each batch that is full. */
  #fill(stream: string, decoder: Decoder, ingested: number, detail: Json): Filling {
    return new Filling(this.#options.ledger, (draft, position) =>
      this.#admit({ stream }, decoder.origin, draft, ingested, { ...decoder.placeBefore(position), detail }),
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
    this.#admit({ stream }, decoder.origin, filling.draft, ingested, { ...decoder.place, detail });
  }

  #takeWhole(reading: Reading): void {
    const { group, stamps, ledger, fail } = this.#options;
    this.#idleSince = undefined;
    ledger.bytes += reading.bytes.length;
    const decoder = this.#decoders.of(reading);
    takeWhole({
      reading,
      decoder,
      batchRecords: batchEvents,
      stamp: () => stamps.next(),
      admit: (draft, ingested, settled) => this.#admit(reading, decoder.origin, draft, ingested, undefined, settled),
      state: () => group,
      changed: () => group.changed(),
      fail: (error) => fail(this.id, error),
    });
  }

  /** `origin`: where those records are from that could not be decoded, unless they say it themselves. */
  #admit(
    reading: Pick<Reading, "stream" | "once">,
    origin: Data | undefined,
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
      const place = { source: this.id, stream: reading.stream, origin };
      deadLetters.undecoded(flight, place, failures, ingested, () => group.release(flight));
    };
    group.admit(this, {
      events,
      admission: { checkpoint: change, bytes, ingested, settled },
      alongside: failures.length > 0 ? undecoded : undefined,
    });
  }
}
