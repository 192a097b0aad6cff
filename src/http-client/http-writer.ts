import { type Delivery, DeliveryError, type Failure, type Outcome, type SinkContext, type Writer } from "../plugin.ts";
import { TemplateError } from "../template/template.ts";
import { type JudgeOptions, judge, type Verdict } from "./answer.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./client.ts";

/** Where an event goes: events with the same target can share a request. */
export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpWriterOptions {
  readonly client: HttpClient;
  readonly context: Pick<SinkContext<unknown>, "clock" | "signal">;
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /** Maximum number of events in a request. */
  readonly perRequest: number;
  /** More statuses that mean the receiver will never accept an event. */
  readonly final?: readonly number[];
  /** Throws a TemplateError for an event without a target. */
  target(event: Delivery): Target;
  /** The request that delivers these events, all with the same target. */
  request(events: readonly Delivery[], target: Target): Promise<HttpRequest> | HttpRequest;
  /** What a response means, for a protocol that has answers of its own; by default `judge`. */
  judge?(response: HttpResponse, options: JudgeOptions): Verdict;
}

/**
 * Delivers events in requests, one or more for each target. A request that is refused for its content is sent again in halves
 * until the events to blame are found; only these go to the dead letter.
 */
export const httpWriter = (options: HttpWriterOptions): Writer => ({
  async write(events, signal) {
    const attempt = new Attempt(options, events, AbortSignal.any([signal, options.context.signal]));
    await attempt.run();
    return attempt.outcome();
  },
  close: async () => options.client.close(),
});

type Again = Pick<Extract<Verdict, { readonly kind: "again" }>, "message" | "retryAfter">;

/** One write: its requests are sent one after the other. */
class Attempt {
  readonly #options: HttpWriterOptions;
  readonly #events: readonly Delivery[];
  readonly #signal: AbortSignal;
  readonly #failed: Failure[] = [];
  /** Why this write sends no more requests. */
  #stopped: Again | undefined;

  constructor(options: HttpWriterOptions, events: readonly Delivery[], signal: AbortSignal) {
    this.#options = options;
    this.#events = events;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    for (const [target, indexes] of this.#byTarget())
      for (let at = 0; at < indexes.length; at += this.#options.perRequest)
        await this.#deliver(target, indexes.slice(at, at + this.#options.perRequest));
  }

  outcome(): Outcome | undefined {
    const [first] = this.#failed;
    if (!first) return undefined;
    if (this.#failed.length === this.#events.length && this.#failed.every(({ final }) => !final))
      throw new DeliveryError(this.#stopped?.message ?? first.message, { retryAfter: this.#stopped?.retryAfter });
    return { failed: this.#failed };
  }

  #byTarget(): Iterable<readonly [Target, number[]]> {
    const groups = new Map<string, readonly [Target, number[]]>();
    for (const [index, event] of this.#events.entries()) {
      const target = this.#targetOf(event, index);
      if (!target) continue;
      const key = JSON.stringify(target);
      const group = groups.get(key);
      if (group) group[1].push(index);
      else groups.set(key, [target, [index]]);
    }
    return groups.values();
  }

  #targetOf(event: Delivery, index: number): Target | undefined {
    try {
      return this.#options.target(event);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      this.#failed.push({ index, message: `the event cannot be sent: ${error.message}`, final: true });
      return undefined;
    }
  }

  async #deliver(target: Target, indexes: readonly number[]): Promise<void> {
    if (this.#stopped) return this.#fail(indexes, this.#stopped.message, false);
    const verdict = await this.#send(target, indexes);
    if (verdict.kind === "delivered")
      for (const { index, ...failure } of verdict.failed) this.#failed.push({ index: indexes[index]!, ...failure });
    else if (verdict.kind === "again") {
      if (verdict.isBusy) this.#stopped = verdict;
      this.#fail(indexes, verdict.message, false);
    } else if (indexes.length === 1) this.#fail(indexes, verdict.message, true);
    else {
      const middle = Math.ceil(indexes.length / 2);
      await this.#deliver(target, indexes.slice(0, middle));
      await this.#deliver(target, indexes.slice(middle));
    }
  }

  async #send(target: Target, indexes: readonly number[]): Promise<Verdict> {
    const { client, context, origin, final = [], request } = this.#options;
    const events = indexes.map((index) => this.#events[index]!);
    let whole: HttpRequest;
    try {
      whole = await request(events, target);
    } catch (error) {
      return { kind: "refused", message: `cannot build a request for the event: ${(error as Error).message}` };
    }
    try {
      const response = await client.send(whole, this.#signal);
      return (this.#options.judge ?? judge)(response, {
        origin,
        events: events.length,
        final,
        now: context.clock.now(),
      });
    } catch (error) {
      // A server that does not answer this request will not answer the next one either.
      return { kind: "again", message: (error as Error).message, isBusy: true, retryAfter: undefined };
    }
  }

  #fail(indexes: readonly number[], message: string, final: boolean): void {
    for (const index of indexes) this.#failed.push({ index, message, final });
  }
}
