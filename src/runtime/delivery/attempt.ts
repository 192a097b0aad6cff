import { inspect } from "node:util";
import type { Clock } from "../../clock.ts";
import type { Json } from "../../json.ts";
import { jsonCopy } from "../../json-copy.ts";
import {
  type Delivery,
  type DeliveryError,
  type Failure,
  isDeliveryError,
  type Outcome,
  type Writer,
} from "../../plugin.ts";

export interface AttemptOptions {
  /** Id of the sink, for messages. */
  readonly component: string;
  readonly writer: Writer;
  readonly clock: Clock;
  /** How long the write may take, in milliseconds. */
  readonly timeout: number;
  /** Aborts when delivery stops. */
  readonly signal: AbortSignal;
}

/** The result of one write. */
export interface Attempt {
  readonly failed: readonly Failure[];
  readonly record: Outcome["record"];
  /** How long the receiver asks weir to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** The cause of a failure: `timed_out`, `asked_to_wait`, `partly_refused`, `bad_outcome` or `failed`. */
  readonly reason: string;
  /** The write did not return at all: the plugin ignores its abort signal. */
  readonly isHung: boolean;
  /** The receiver has gone for good: there is no use in another attempt. */
  readonly isGone: boolean;
}

/** How long a write may still run after its signal aborts, in milliseconds. */
const grace = 5_000;

/** Makes one write, within its time limit. Never rejects: if the write rejects, it has failed for all events. */
export const attempt = async (events: readonly Delivery[], options: AttemptOptions): Promise<Attempt> => {
  const { component, writer, signal } = options;
  const time = new AbortController();
  const over = new AbortController();
  try {
    const writing = writer.write(events, AbortSignal.any([signal, time.signal]));
    // Promise.race also handles a late rejection of the write.
    const outcome = await Promise.race([writing, timeLimit(options, time, over.signal)]);
    if (outcome !== undefined) checkOutcome(outcome, events.length, component);
    const { failed = [] } = outcome ?? {};
    const record = recordOf(outcome, component);
    const reason = failed.length < events.length ? "partly_refused" : "failed";
    return { failed, record, retryAfter: undefined, reason, isHung: false, isGone: false };
  } catch (error) {
    return failureOf(events, error, time.signal);
  } finally {
    over.abort();
  }
};

/** Aborts the write when its time is up. Rejects if it still runs after the grace period; resolves when it is `over`. */
const timeLimit = async (
  { clock, timeout }: AttemptOptions,
  time: AbortController,
  over: AbortSignal,
): Promise<undefined> => {
  await clock.sleep(timeout, over);
  if (over.aborted) return;
  time.abort(new Error(`no answer within ${timeout} ms`));
  await clock.sleep(grace, over);
  if (!over.aborted) throw new HungWrite();
};

class HungWrite extends Error {
  constructor() {
    super(`the write did not return ${grace / 1000} s after its time-out: the plugin ignores its abort signal`);
  }
}

class BadOutcome extends Error {}

const failureOf = (events: readonly Delivery[], error: unknown, time: AbortSignal): Attempt => {
  const isHung = error instanceof HungWrite;
  const isBad = error instanceof BadOutcome;
  const isLate = time.aborted && !isBad;
  const { final, retryAfter, gone = false } = isDeliveryError(error) ? error : otherError;
  // After a time-out, report the time-out, not the error that the abort caused in the write.
  const message = messageOf(isLate && !isHung ? time.reason : error);
  const reason = isLate ? "timed_out" : isBad ? "bad_outcome" : retryAfter === undefined ? "failed" : "asked_to_wait";
  return {
    failed: Array.from(events, (_, index) => ({ index, message, final: final === true })),
    record: undefined,
    retryAfter: retryAfter !== undefined && Number.isFinite(retryAfter) ? retryAfter : undefined,
    reason,
    isHung,
    isGone: gone,
  };
};

const otherError: Partial<DeliveryError> = {};

/** Throws a readable error if the result does not say which events failed. */
const checkOutcome = (outcome: unknown, events: number, component: string): void => {
  const wrong = (what: string) => new BadOutcome(`the sink "${component}" ${what}`);
  if (!isPlainObject(outcome))
    throw wrong(`returned ${shown(outcome)} from write(); it must return nothing, or an object such as { failed: [] }`);
  const { failed = [] } = outcome;
  if (!Array.isArray(failed)) throw wrong(`returned ${shown(failed)} as "failed"; it must be an array of failures`);
  const known = new Set<unknown>();
  for (const failure of failed as Iterable<{ readonly index?: unknown } | undefined>) {
    const index = failure?.index;
    if (!Number.isInteger(index) || Number(index) < 0 || Number(index) >= events)
      throw wrong(
        `reported a failure with index ${shown(index)} in a write of ${events}; an index is an integer from 0 to ${events - 1}`,
      );
    if (known.has(index)) throw wrong(`reported two failures with index ${index}; each event may fail once in a write`);
    known.add(index);
  }
};

const recordOf = (outcome: Awaited<ReturnType<Writer["write"]>>, component: string): Json | undefined => {
  if (outcome?.record === undefined) return undefined;
  try {
    return jsonCopy(outcome.record, "its record");
  } catch (error) {
    throw new BadOutcome(`the sink "${component}" returned what cannot be saved: ${messageOf(error)}`);
  }
};

/** Not an array, and not an instance of a class, such as the `Response` of a fetch. */
const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const shown = (value: unknown): string =>
  typeof value === "string"
    ? JSON.stringify(value.slice(0, 60))
    : inspect(value, { depth: 0, maxArrayLength: 3, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY });

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
