import { backoff } from "../../backoff.ts";
import type { Clock } from "../../clock.ts";
import type { Log, Outcome, Writer } from "../../plugin.ts";
import type { Place } from "../../storage/database.ts";
import type { Frame } from "../../storage/frame.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { Seldom } from "../../telemetry/seldom.ts";
import { counted } from "../../text.ts";
import type { Delivering } from "../../topology/topology.ts";
import { aborted, Waiters } from "../flow/waiters.ts";
import { attempt } from "./attempt.ts";
import type { Chunk } from "./frame-reader.ts";
import { StoredEvent } from "./stored-event.ts";

/** The store of a sink's undelivered events, as delivery sees it. */
export interface Deliverable {
  readonly name: string;
  /** Everything before this place is delivered. */
  readonly place: Place;
  /** Resolves when there are frames after `from`, or `signal` aborts. */
  filled(from: Place, signal: AbortSignal): Promise<void>;
  /** Reads the next frames after `from`, within the limits; `undefined` if it is the end, no frames if they are lost. */
  read(from: Place, limits: { readonly maxEvents: number; readonly maxSize: number }): Promise<Chunk | undefined>;
  /** Marks the chunk after `place` as delivered, and frees its space. */
  delivered(chunk: Chunk, record: Outcome["record"]): void;
  /** Takes back the memory of a chunk, to which nobody refers any more. */
  free?(chunk: Chunk): void;
}

export interface DeliveryOptions extends Pick<Delivering, "concurrency" | "batch" | "retry" | "timeout"> {
  readonly outbox: Deliverable;
  readonly writer: Writer;
  /** Whether the writer may refer to events after their write. */
  readonly keepsEvents: boolean;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Aborts when delivery stops; undelivered events stay in the outbox. */
  readonly signal: AbortSignal;
  /** False when another delivery of the same outbox has taken over. This one must then record nothing more. */
  readonly isCurrent: () => boolean;
  /** Aborts when no more events will come: partial batches are written at once. */
  readonly draining: AbortSignal;
  /** Sends events that the sink will never accept to the dead letter. Resolves when they are committed there. */
  readonly bury: (letters: readonly Letter[]) => Promise<void>;
  /** Called when more events have been delivered. */
  readonly onDelivered: () => void;
  /** Called when the receiver has gone for good. Its events stay where they are, and delivery waits for its end. */
  readonly onGone: (message: string) => void;
}

export interface Letter {
  readonly frame: Frame;
  readonly reason: "refused_by_sink" | "damaged";
  readonly message: string;
  readonly attempts: number;
}

/** A chunk that is being delivered. It has a `result` when all of its events are settled. */
interface ChunkInFlight {
  readonly chunk: Chunk;
  result?: {
    readonly letters: readonly Letter[];
    readonly record: Outcome["record"];
    /** Whether one write delivered all of it, so that no other can still be running. */
    readonly isAtOnce: boolean;
  };
}

/**
 * Delivers an outbox to its sink until `signal` aborts, with several concurrent writes if the sink allows it. Failed writes
 * are retried forever; events that the sink refuses for good go to the dead letter. The delivered place advances in order.
 */
export const deliver = async (options: DeliveryOptions): Promise<void> => {
  const { outbox, concurrency } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  const shared = { ...options, signal, pause: { until: 0 }, seldom: new Seldom(options.clock) };
  const underWay: ChunkInFlight[] = [];
  const free = new Waiters();
  const run = async (flown: ChunkInFlight) => {
    try {
      const result = await deliverChunk(shared, flown.chunk);
      if (result) flown.result = result;
      settlePrefix(options, underWay);
    } catch (error) {
      broken.abort(error);
    }
    free.wake();
  };
  const runs = new Set<Promise<void>>();
  for (let cursor = outbox.place; !signal.aborted; ) {
    while (underWay.length >= concurrency && !signal.aborted) await free.wait(signal);
    await outbox.filled(cursor, signal);
    const chunk = signal.aborted ? undefined : await gather(shared, cursor);
    if (!chunk || signal.aborted) continue;
    cursor = chunk.end;
    const flown = { chunk };
    underWay.push(flown);
    const running = run(flown).finally(() => runs.delete(running));
    runs.add(running);
  }
  await Promise.all(runs);
  if (broken.signal.aborted) throw broken.signal.reason;
};

/** Reads the next chunk. Waits until it is full, or `batch.timeout` has passed. What has been read is not read again. */
const gather = async (options: Shared, cursor: Place): Promise<Chunk | undefined> => {
  const { outbox, batch, clock, signal, draining } = options;
  const deadline = clock.monotonic() + batch.timeout;
  const first = await outbox.read(cursor, batch);
  if (!first) return undefined;
  const frames = [...first.frames];
  let { end, bytes } = first;
  while (frames.length < batch.maxEvents && bytes < batch.maxSize) {
    const left = deadline - clock.monotonic();
    if (left <= 0 || signal.aborted || draining.aborted) break;
    const late = new AbortController();
    void clock.sleep(left, late.signal).then(() => late.abort());
    await outbox.filled(end, AbortSignal.any([signal, draining, late.signal]));
    late.abort();
    const limits = { maxEvents: batch.maxEvents - frames.length, maxSize: batch.maxSize - bytes };
    const more = await outbox.read(end, limits);
    if (!more) continue;
    // What does not fit, or is in another file, is the beginning of the next chunk.
    if (bytes + more.bytes > batch.maxSize || end.segment !== more.end.segment) break;
    for (const frame of more.frames) frames.push(frame);
    end = more.end;
    bytes += more.bytes;
  }
  return { ...first, frames, end, bytes };
};

const settlePrefix = (options: DeliveryOptions, underWay: ChunkInFlight[]): void => {
  const { outbox, ledger, keepsEvents, isCurrent, onDelivered } = options;
  if (!isCurrent()) return;
  for (let first = underWay[0]; first?.result; first = underWay[0]) {
    const { chunk, result } = first;
    underWay.shift();
    ledger.inFlight -= chunk.frames.length;
    ledger.sent += chunk.frames.length - result.letters.length;
    for (const { reason } of result.letters) ledger.deadLetter(reason, 1);
    outbox.delivered(chunk, result.record);
    if (!keepsEvents && result.isAtOnce) outbox.free?.(chunk);
    onDelivered();
  }
};

/** What all writes of a sink share. When the receiver asks for a pause, all of them wait. */
type Shared = DeliveryOptions & { readonly pause: { until: number }; readonly seldom: Seldom };

/** Resolves when every event of the chunk is settled, or with `undefined` if delivery stops before that. */
const deliverChunk = async (options: Shared, chunk: Chunk): Promise<ChunkInFlight["result"]> => {
  const { outbox, clock, random, retry, signal, pause } = options;
  let { frames, letters } = separateDamaged(options, chunk);
  let record: Outcome["record"];
  let isAtOnce = letters.length === 0;
  for (let attempts = 1; frames.length > 0; attempts++) {
    while (clock.monotonic() < pause.until && !signal.aborted)
      await clock.sleep(pause.until - clock.monotonic(), signal);
    if (signal.aborted) return undefined;
    const events = frames.map((frame) => new StoredEvent(frame));
    const since = clock.monotonic();
    const { failed, retryAfter, reason, isHung, isGone, ...result } = await attempt(events, {
      ...options,
      component: outbox.name,
    });
    const took = Math.round(clock.monotonic() - since);
    options.log.debug(
      `wrote ${counted(events.length - failed.length, "event")} in ${took} ms, ${failed.length} failed`,
    );
    if (result.record !== undefined) record = result.record;
    isAtOnce &&= failed.length === 0;
    const dead = failed.filter(({ final }) => final);
    letters = [...letters, ...dead.map(({ index, message }) => refused(frames[index]!, message, attempts))];
    const again = failed.filter(({ final }) => !final);
    frames = again.map(({ index }) => frames[index]!);
    if (frames.length === 0) {
      if (attempts > 1) logSuccess(options, attempts);
      break;
    }
    if (retryAfter !== undefined) pause.until = Math.max(pause.until, clock.monotonic() + retryAfter);
    if (isGone) {
      options.onGone(again[0]!.message);
      await aborted(signal);
    }
    if (signal.aborted) return undefined;
    options.ledger.retry(reason);
    const wait = backoff(attempts, retry, { random, atLeast: pause.until - clock.monotonic() });
    logRetry(options, { reason, isHung, wait, attempts, events: frames.length, failure: again[0]!.message });
    await clock.sleep(wait, signal);
    if (signal.aborted) return undefined;
  }
  if (letters.length > 0) await options.bury(letters);
  return { letters, record, isAtOnce };
};

const refused = (frame: Frame, message: string, attempts: number): Letter => ({
  frame,
  reason: "refused_by_sink",
  message,
  attempts,
});

/** Separates damaged frames, for the dead letter, from those that can be delivered. */
const separateDamaged = ({ outbox, log }: DeliveryOptions, { frames, end, bytes }: Chunk) => {
  const letters: Letter[] = [];
  if (!frames.some(({ damaged }) => damaged)) return { frames, letters };
  let position = end.offset - bytes;
  for (const frame of frames) {
    if (frame.damaged) {
      const message = `${frame.size} bytes at offset ${position} of outbox segment ${end.segment} are damaged`;
      log.error(`${message}; what is left of them goes to the dead letter`);
      const [source, stream] = [outbox.name, `segment-${end.segment}`];
      const head = JSON.stringify({ id: `${source}/${stream}@${position}`, source, stream, position, ingested: 0 });
      const data = JSON.stringify({ raw_base64: frame.damaged.toString("base64") });
      letters.push({ frame: { head, data, size: frame.size }, reason: "damaged", message, attempts: 0 });
    }
    position += frame.size;
  }
  return { frames: frames.filter(({ damaged }) => !damaged), letters };
};

interface Retry {
  readonly reason: string;
  readonly isHung: boolean;
  readonly wait: number;
  readonly attempts: number;
  readonly events: number;
  readonly failure: string;
}

/** Logs each reason at most once a minute, since a receiver may be down for hours. */
const logRetry = ({ log, seldom }: Shared, { reason, isHung, wait, attempts, events, failure }: Retry): void => {
  const unsaid = seldom.ask(isHung ? "hung" : reason);
  if (unsaid === undefined) return;
  const what = events === 1 ? "one event" : `${events} events`;
  const more = unsaid > 0 ? ` (and ${unsaid} more times since this was last logged)` : "";
  log.warn(`delivery of ${what} failed${more}, retrying in ${wait} ms: ${failure}`, {
    attempt: attempts,
    reason,
  });
};

const logSuccess = ({ log, seldom }: Shared, attempts: number): void => {
  if (seldom.ask("delivered") !== undefined) log.info(`delivery succeeded at attempt ${attempts}`);
};
