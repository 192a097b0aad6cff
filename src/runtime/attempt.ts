import type { Clock } from "../clock.ts";
import { type Delivery, DeliveryError, type Failure, type Outcome, type Writer } from "../plugin.ts";

export interface AttemptOptions {
  readonly writer: Writer;
  readonly clock: Clock;
  /** How long the write may take, in milliseconds. */
  readonly timeout: number;
  /** Aborts when delivery is to stop. */
  readonly signal: AbortSignal;
}

/** What one write brought: the events that failed, and how long the receiver wants to be left alone (milliseconds). */
export interface Attempt {
  readonly failed: readonly Failure[];
  readonly record: Outcome["record"];
  readonly retryAfter: number | undefined;
  /** What went wrong, if anything did: `timed_out`, `asked_to_wait`, `partly_refused` or `failed`. */
  readonly reason: string;
}

/** One write, within its time limit. It never rejects: a write that does has failed for all of its events. */
export const attempt = async (events: readonly Delivery[], options: AttemptOptions): Promise<Attempt> => {
  const { writer, clock, timeout, signal } = options;
  const time = new AbortController();
  const over = new AbortController();
  void clock
    .sleep(timeout, over.signal)
    .then(() => over.signal.aborted || time.abort(new Error(`there was no answer within ${timeout} ms`)));
  try {
    const outcome = await writer.write(events, AbortSignal.any([signal, time.signal]));
    return { failed: outcome?.failed ?? [], record: outcome?.record, retryAfter: undefined, reason: "partly_refused" };
  } catch (error) {
    const { final, retryAfter } = error instanceof DeliveryError ? error : { final: false, retryAfter: undefined };
    // When the time was up, that is the reason, whatever the write made of it.
    const message = messageOf(time.signal.aborted ? time.signal.reason : error);
    const failed = [...events.keys()].map((index) => ({ index, message, final }));
    const reason = time.signal.aborted ? "timed_out" : retryAfter === undefined ? "failed" : "asked_to_wait";
    return { failed, record: undefined, retryAfter, reason };
  } finally {
    over.abort();
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
