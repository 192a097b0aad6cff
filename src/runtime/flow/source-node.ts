import type { Log } from "../../context.ts";
import { type DecodeFailure, Decoder, type DecoderOptions } from "../../decode/decoder.ts";
import type { Encoding } from "../../encodings.ts";
import type { Event } from "../../event.ts";
import type { Json } from "../../json.ts";
import { kubernetesList } from "../../kubernetes-list.ts";
import { annotateFor, type OriginOptions, originOf } from "../../origin/origin.ts";
import type { Checkpoint, Offer, Reading } from "../../plugin.ts";
import type { CheckpointChange } from "../../storage/database.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { andMore, Seldom } from "../../telemetry/seldom.ts";
import type { DeadLetters } from "../dead-letters/dead-letters.ts";
import type { Admission, Flight } from "./flight.ts";
import type { Group, Origin } from "./group.ts";
import { Outlets } from "./outlets.ts";
import type { Stamps } from "./stamp.ts";
import { type Draft, newDraft, recordCost, recordsIn, takeWhole } from "./whole-reading.ts";

export interface SourceNodeOptions {
  readonly id: string;
  readonly decoding: DecoderOptions;
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

/** The largest number of events in a batch. */
const batchEvents = 256;

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
  readonly #seldom: Seldom;
  #isOver = false;

  constructor(options: SourceNodeOptions) {
    this.id = options.id;
    this.#seldom = new Seldom(options.group.clock);
    this.announce = options.announce;
    this.#options = options;
    this.#details = new Map([...options.checkpoints].map(([stream, { detail }]) => [stream, detail]));
  }

  /** Resolves when the source may be asked for more, or `signal` aborts. */
  room(signal: AbortSignal): Promise<void> {
    return this.#options.group.room(signal);
  }

  /** Accepts a reading that a source pushes. Refuses it at once if there is no room. */
  offer(reading: Reading): Offer {
    const { group, ledger } = this.#options;
    if (!group.hasRoom || !group.isOpen) {
      ledger.refuse("no_room");
      this.asked();
      return "full";
    }
    if (reading.once) this.#takeWhole(reading);
    else this.take(reading);
    this.asked();
    return "accepted";
  }

  /** Call it when the source is asked for more. */
  asked(): void {
    this.#idleSince = this.#options.group.clock.monotonic();
  }

  /** Call it when the source has ended. */
  over(): void {
    this.#isOver = true;
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
  take(reading: Reading): void {
    this.#idleSince = undefined;
    const ingested = this.#options.stamps.next();
    const decoder = this.#decoder(reading);
    const detailChanged = reading.detail !== undefined;
    if (reading.detail !== undefined) this.#details.set(reading.stream, reading.detail);
    const detail = this.#details.get(reading.stream) ?? null;
    this.#options.ledger.bytes += reading.bytes.length;

    let draft = newDraft();
    /** Admits a full batch when the next record comes, because its checkpoint is the start of that record. */
    const makeRoom = (position: number) => {
      if (recordsIn(draft) < batchEvents) return;
      this.#admit(reading, draft, ingested, { position, detail });
      draft = newDraft();
    };
    const handlers = {
      event: (event: Event, bytes: number) => {
        makeRoom(event.meta.position);
        draft.events.push(event);
        draft.bytes += bytes + recordCost;
      },
      failure: (failure: DecodeFailure) => {
        makeRoom(failure.position);
        draft.failures.push(failure);
        draft.bytes += failure.head.length + recordCost;
      },
      zeros: (count: number) => this.#options.ledger.note("zero_bytes", count),
    };
    decoder.push(reading.bytes, reading.position, ingested, handlers);
    if (reading.end || reading.once) decoder.end(ingested, handlers);

    const checkpoint = reading.forget ? undefined : { position: decoder.reached, detail };
    if (reading.end || reading.forget) this.#decoders.delete(reading.stream);
    if (reading.forget) this.#details.delete(reading.stream);
    const hasChanged = recordsIn(draft) > 0 || reading.end || reading.forget || detailChanged;
    if (hasChanged || reading.settled) this.#admit(reading, draft, ingested, checkpoint, reading.settled);
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
    const { stream, position, once, framing, codec, encoding } = reading;
    const known = once ? undefined : this.#decoders.get(stream);
    if (known) return known;
    const { decoding, added } = this.#options;
    const options: DecoderOptions = {
      listKind: kubernetesList,
      ...decoding,
      framing: framing ?? decoding.framing,
      codec: codec ?? decoding.codec,
      origin: originOf(reading),
      annotate: annotateFor(codec ?? decoding.codec, added),
      encoding: decoding.encoding === "auto" && encoding !== undefined ? encoding : decoding.encoding,
      onInvalidText: (found) => this.#noteInvalid(found, stream),
    };
    const decoder = new Decoder(this.id, stream, options, position);
    if (!once) this.#decoders.set(stream, decoder);
    return decoder;
  }

  #noteInvalid(encoding: Encoding, stream: string): void {
    const { ledger, log, decoding } = this.#options;
    ledger.note("invalid_text", 1);
    const unsaid = this.#seldom.ask(encoding);
    if (unsaid === undefined || decoding.invalidText === "reject") return;
    log.warn(
      `a record has bytes that are not valid ${encoding}${andMore(unsaid)}; they became U+FFFD. If the text has another encoding, set "encoding"; "invalid_text: keep" keeps the bytes`,
      { stream },
    );
  }

  #admit(
    reading: Reading,
    { events, failures, bytes }: Draft,
    ingested: number,
    checkpoint: Checkpoint | undefined,
    settled?: Admission["settled"],
  ): void {
    const { group, ledger, deadLetters } = this.#options;
    const { stream, once } = reading;
    ledger.received += events.length + failures.length;
    ledger.sent += events.length;
    for (const { reason } of failures) ledger.deadLetter(reason, 1);
    const change: CheckpointChange | undefined = once ? undefined : { source: this.id, stream, checkpoint };
    const undecoded = (flight: Flight) => {
      flight.open++;
      const place = { source: this.id, stream, origin: originOf(reading) };
      deadLetters.undecoded(flight, place, failures, ingested, () => group.release(flight));
    };
    group.admit(this, {
      events,
      admission: { checkpoint: change, bytes, ingested, settled },
      alongside: failures.length > 0 ? undecoded : undefined,
    });
  }
}
