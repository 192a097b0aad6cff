import type { Clock } from "../clock.ts";
import { type Event, RecordMeta } from "../event.ts";
import type { Delivery, Log, Outcome, Writer } from "../plugin.ts";
import type { Frame } from "../storage/frame.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import type { Chunk } from "./frame-reader.ts";
import type { Outbox } from "./outbox.ts";

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly writer: Writer;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Aborts when delivery is to stop; what is not delivered stays in the outbox. */
  readonly signal: AbortSignal;
  /** Puts events that the sink will never take into the dead letter, and resolves when that is committed. */
  readonly bury: (letters: readonly Letter[]) => Promise<void>;
  /** The delivered position moved. */
  readonly onDelivered: () => void;
}

export interface Letter {
  readonly frame: Frame;
  readonly reason: "refused_by_sink" | "damaged";
  readonly message: string;
  readonly attempts: number;
}

const maxEvents = 1000;
/** Full jitter: a random wait up to the first, doubled each time, up to the last; in milliseconds. */
const firstBackoff = 250;
const lastBackoff = 30_000;

/** Delivers an outbox to its sink, in order, until it is told to stop: retries without end, dead-letters what is final. */
export const deliver = async (options: DeliveryOptions): Promise<void> => {
  const { outbox, signal } = options;
  while (!signal.aborted) {
    await outbox.filled(signal);
    if (signal.aborted) return;
    const chunk = await outbox.read(maxEvents);
    if (chunk && !signal.aborted) await deliverChunk(options, chunk);
  }
};

/** What one chunk still has to go through. */
interface Rest {
  frames: readonly Frame[];
  readonly letters: Letter[];
  record: Outcome["record"];
}

const deliverChunk = async (options: DeliveryOptions, chunk: Chunk): Promise<void> => {
  const { outbox, ledger, signal, onDelivered } = options;
  const rest: Rest = { ...setDamagedAside(options, chunk), record: undefined };
  for (let attempt = 1; rest.frames.length > 0; attempt++) {
    const failure = await attemptRest(options, rest, attempt);
    if (rest.frames.length === 0) break;
    await backOff(options, attempt, rest.frames.length, failure);
    if (signal.aborted) return;
  }
  if (rest.letters.length > 0) await options.bury(rest.letters);
  ledger.inFlight -= chunk.frames.length;
  ledger.sent += chunk.frames.length - rest.letters.length;
  for (const { reason } of rest.letters) ledger.deadLetter(reason, 1);
  outbox.delivered(chunk, rest.record);
  onDelivered();
};

/** A damaged frame costs itself: what is left of it goes to the dead letter, and the others go on. */
const setDamagedAside = ({ outbox, log }: DeliveryOptions, { frames, end, bytes }: Chunk) => {
  if (!frames.some(({ damaged }) => damaged)) return { frames, letters: [] };
  const letters: Letter[] = [];
  let position = end.offset - bytes;
  for (const frame of frames) {
    if (frame.damaged) {
      const message = `${frame.size} bytes from byte ${position} of segment ${end.segment} of the outbox are damaged`;
      log.error(`${message}: what is left of them goes to the dead letter`);
      const [source, stream] = [outbox.name, `segment-${end.segment}`];
      const head = JSON.stringify({ id: `${source}/${stream}@${position}`, source, stream, position, ingested: 0 });
      const data = JSON.stringify({ raw_base64: frame.damaged.toString("base64") });
      letters.push({ frame: { head, data, size: frame.size }, reason: "damaged", message, attempts: 0 });
    }
    position += frame.size;
  }
  return { frames: frames.filter(({ damaged }) => !damaged), letters };
};

/** Writes the rest once and takes off what was settled by it; says what was wrong with what remains. */
const attemptRest = async ({ writer, signal }: DeliveryOptions, rest: Rest, attempts: number): Promise<string> => {
  let outcome: Outcome | undefined;
  try {
    outcome = await writer.write(rest.frames.map(deliveryOf), signal);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (outcome?.record !== undefined) rest.record = outcome.record;
  const failed = outcome?.failed ?? [];
  for (const { index, message, final } of failed)
    if (final) rest.letters.push({ frame: rest.frames[index]!, reason: "refused_by_sink", message, attempts });
  const again = failed.filter(({ final }) => !final);
  rest.frames = again.map(({ index }) => rest.frames[index]!);
  return again[0]?.message ?? "";
};

const backOff = async (
  { ledger, clock, random, log, signal }: DeliveryOptions,
  attempt: number,
  events: number,
  failure: string,
) => {
  const wait = Math.ceil(random() * Math.min(lastBackoff, firstBackoff * 2 ** Math.min(attempt - 1, 16)));
  ledger.retries++;
  log.warn(`delivery of ${events} events did not go through and is tried again in ${wait} ms: ${failure}`, { attempt });
  await clock.sleep(wait, signal);
};

const deliveryOf = (frame: Frame): Delivery => new StoredEvent(frame);

/** An event from a frame: its two lines of JSON are parsed when somebody asks. */
class StoredEvent implements Delivery {
  readonly json: string;
  readonly #head: string;
  #meta: Event["meta"] | undefined;
  #data: Event["data"] | undefined;

  constructor({ head, data }: Frame) {
    this.json = data;
    this.#head = head;
  }

  get meta(): Event["meta"] {
    if (!this.#meta) {
      const { id, source, stream, position, ingested } = JSON.parse(this.#head);
      this.#meta = new RecordMeta(source, stream, position, ingested, id);
    }
    return this.#meta;
  }

  get id(): string {
    return this.meta.id;
  }

  get data(): Event["data"] {
    this.#data ??= JSON.parse(this.json) as Event["data"];
    return this.#data;
  }
}
