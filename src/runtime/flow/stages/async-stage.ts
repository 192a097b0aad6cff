import { backoff } from "../../../backoff.ts";
import type { Clock } from "../../../clock.ts";
import type { Log } from "../../../context.ts";
import { type Event, withData } from "../../../event.ts";
import type { Calling } from "../../../topology/topology.ts";
import { isRejectError, RejectError, textOf } from "../../../transform/reject.ts";
import { OutcomeFault, Tally } from "../../../transform/tally.ts";
import type { BulkStep, EachStep, EachTools, StepResult } from "../../../transform/transform.ts";
import type { Flight } from "../flight.ts";
import type { Part } from "../gate.ts";
import { Breaker, type Permit } from "./breaker.ts";
import { checkCount } from "./each-stage.ts";
import { Stage, type StageOptions } from "./stage.ts";

export interface AsyncStageOptions extends StageOptions {
  readonly calling: Calling;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Aborts when the component is stopped. Later results are ignored. */
  readonly signal: AbortSignal;
}

/** A batch with events whose calls have not finished. */
interface Open {
  readonly flight: Flight;
  readonly events: readonly Event[];
  readonly results: (Result | undefined)[];
  readonly tally: Tally;
  missing: number;
}

/** The result of a call: an outcome, or an error. */
type Result = { readonly outcome: StepResult } | { readonly failure: unknown; readonly isFinal: boolean };

/** One call of the step: the events of a batch that it gets. */
interface Call {
  readonly open: Open;
  readonly first: number;
  readonly events: readonly Event[];
}

/**
 * Runs a stateless transform whose step is asynchronous. It makes several calls at a time, each with a time limit over all
 * of its retries. A batch is sent on when all of its calls have finished; the gates downstream restore the order.
 */
export class AsyncStage extends Stage {
  readonly #step: EachStep | BulkStep;
  readonly #with: AsyncStageOptions;
  readonly #breaker: Breaker;
  readonly #waiting: Call[] = [];
  #running = 0;

  constructor(options: AsyncStageOptions, step: EachStep | BulkStep) {
    super(options);
    this.#step = step;
    this.#with = options;
    this.#breaker = new Breaker(options.clock);
  }

  protected process({ flight, events }: Part): void {
    const open: Open = {
      flight,
      events,
      results: new Array(events.length),
      tally: new Tally(this.outputs),
      missing: events.length,
    };
    if (events.length === 0) {
      this.#settle(open);
      return;
    }
    if (typeof this.#step === "function")
      for (const [first, event] of events.entries()) this.#waiting.push({ open, first, events: [event] });
    else this.#waiting.push({ open, first: 0, events });
    this.#start();
  }

  #start(): void {
    while (this.#running < this.#with.calling.concurrency && !this.#with.signal.aborted) {
      const call = this.#waiting.shift();
      if (!call) return;
      this.#running++;
      void this.#run(call).catch((error) => this.options.fail(this.id, error));
    }
  }

  async #run({ open, first, events }: Call): Promise<void> {
    const results = await this.#results(open, events);
    this.#running--;
    // The batch is abandoned, so a result that arrives now must not count as a failure of its event.
    if (this.#with.signal.aborted || !results) return;
    for (const [index, result] of results.entries()) open.results[first + index] = result;
    open.missing -= events.length;
    if (open.missing === 0) this.#settle(open);
    this.#start();
  }

  /** One result for each event; `undefined` if the component was stopped meanwhile. */
  async #results({ tally }: Open, events: readonly Event[]): Promise<readonly Result[] | undefined> {
    const step = this.#step;
    try {
      const outcomes = await this.#called((signal) => {
        const tools: EachTools = { note: tally.note, signal };
        return typeof step === "function" ? step(events[0]!, tools) : step.bulk([...events], tools);
      });
      if (outcomes === undefined) return undefined;
      const { value } = outcomes;
      const list =
        typeof step === "function" ? [value as StepResult] : checkCount(value as readonly StepResult[], events.length);
      return list.map((outcome) => ({ outcome }));
    } catch (failure) {
      const isFinal = isRejectError(failure) || failure instanceof OutcomeFault;
      return events.map(() => ({ failure, isFinal }));
    }
  }

  /**
   * Calls the step, with retries until it succeeds or the time limit is over; then throws the last error. Resolves to
   * `undefined` if the component was stopped.
   */
  async #called<T>(run: (signal: AbortSignal) => T | Promise<T>): Promise<{ readonly value: T } | undefined> {
    const { calling, clock, random, signal } = this.#with;
    const isPatient = calling.onFailure === "wait";
    const deadline = clock.monotonic() + calling.timeout;
    for (let attempts = 1; !signal.aborted; attempts++) {
      const left = isPatient ? calling.timeout : deadline - clock.monotonic();
      const wait = backoff(attempts, calling.retry, { random });
      const permit = this.#breaker.permit();
      if (permit) {
        try {
          const value = await this.#attempt(run, left);
          if (!signal.aborted) this.#succeeded();
          return { value };
        } catch (error) {
          if (signal.aborted) return undefined;
          if (isRejectError(error)) {
            this.#succeeded();
            throw error;
          }
          this.#failed(run, permit, error);
          if (!isPatient && clock.monotonic() + wait >= deadline) throw error;
          this.options.ledger.retry(error instanceof TimedOut ? "timed_out" : "failed");
        }
      } else if (!isPatient)
        throw new Unavailable(`not called, because recent calls failed: ${textOf(this.#breaker.error)}`);
      await clock.sleep(Math.max(1, wait), signal);
    }
    return undefined;
  }

  async #attempt<T>(run: (signal: AbortSignal) => T | Promise<T>, left: number): Promise<T> {
    const { clock, signal } = this.#with;
    const over = new AbortController();
    const late = new AbortController();
    try {
      return await Promise.race([
        run(AbortSignal.any([signal, late.signal])),
        clock.sleep(left, AbortSignal.any([signal, over.signal])).then(() => {
          if (over.signal.aborted) return new Promise<never>(() => undefined);
          late.abort();
          throw new TimedOut(`"${this.id}" did not answer within ${this.#with.calling.timeout} ms`);
        }),
      ]);
    } finally {
      over.abort();
    }
  }

  #succeeded(): void {
    if (this.#breaker.succeeded()) this.#with.log.info("calls succeed again");
  }

  #failed(call: unknown, permit: Permit, error: unknown): void {
    if (this.#breaker.failed(call, permit, error))
      this.#with.log.warn(`calls are failing; pausing them, with a retry from time to time: ${textOf(error)}`);
  }

  #settle({ flight, events, results, tally }: Open): void {
    for (const [index, event] of events.entries()) {
      const result = results[index]!;
      if ("outcome" in result) tally.add(event, result.outcome);
      else if (result.isFinal || this.#with.calling.onFailure !== "pass")
        tally.reject(
          event,
          result.isFinal ? result.failure : new RejectError(reasonOf(result.failure), textOf(result.failure)),
        );
      else {
        tally.note("passed_on_failure");
        tally.add(event, withTag(event, `${this.id}_failed`));
      }
    }
    this.sendOn(flight, events.length, tally);
  }
}

class TimedOut extends Error {}
class Unavailable extends Error {}

const reasonOf = (error: unknown): string =>
  error instanceof TimedOut ? "timed_out" : error instanceof Unavailable ? "unavailable" : "transform_error";

/** Adds a tag to the ECS field `tags`, which is a list of keywords. */
const withTag = (event: Event, tag: string): Event => {
  const { tags } = event.data;
  const known = Array.isArray(tags) ? tags : tags === undefined ? [] : [tags];
  return withData(event, { ...event.data, tags: [...known, tag] });
};
