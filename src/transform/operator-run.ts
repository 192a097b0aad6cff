import { isObservable, Observable, type OperatorFunction, Subject, type Subscription } from "rxjs";
import { Batch, type Token } from "../batch.ts";
import type { Event } from "../event.ts";
import { kindOf } from "../json.ts";
import { booksOf } from "./books.ts";
import type { Sent } from "./tally.ts";

/** A batch that an operator sent on, after it passed the checks. */
export interface SentOn<T extends Token> {
  readonly token: T;
  /** The events that the operator received. */
  readonly came: readonly Event[];
  readonly batch: Batch;
  readonly sent: Sent;
}

export interface OperatorRunOptions<T extends Token> {
  /** Names of the outputs besides the default one. */
  readonly outputs: ReadonlySet<string>;
  readonly sent: (batch: SentOn<T>) => void;
  /** Called when the operator broke the contract. The first call has the cause; later ones may be consequences of it. */
  readonly failed: (error: unknown) => void;
}

/** Runs an RxJS operator on batches. Each batch has a token that can be used once, and is checked when it is sent on. */
export class OperatorRun<T extends Token> {
  readonly #input = new Subject<Batch>();
  readonly #options: OperatorRunOptions<T>;
  /** The batches that the operator holds, by token, with the events that it received. */
  readonly #claims = new Map<Token, readonly Event[]>();
  readonly #spent = new WeakSet<Token>();
  readonly #subscription: Subscription;
  #hasBegun = false;
  #isComplete = false;

  /** Subscribes to the operator. Throws if the operator breaks the contract while it is subscribed to. */
  constructor(operator: OperatorFunction<Batch, Batch>, options: OperatorRunOptions<T>) {
    let faults: unknown[] | undefined = [];
    const failed = (error: unknown) => void (faults ? faults.push(error) : options.failed(error));
    this.#options = { ...options, failed };
    const input = new Observable<Batch>((subscriber) => {
      if (this.#hasBegun)
        this.#fail(
          "the operator subscribed to its input again, as retry and repeat do, and lost the batch that it had; use retry inside mergeMap",
        );
      return this.#input.subscribe(subscriber);
    });
    const output: unknown = operator(input);
    if (!isObservable(output))
      throw new Error(
        `create returned a function that is not an RxJS operator: it returned ${kindOf(output)}, not an Observable`,
      );
    this.#subscription = output.subscribe({
      next: (batch) => this.#take(batch as Batch),
      error: failed,
      complete: () => this.#ended(),
    });
    const [fault] = faults;
    faults = undefined;
    if (fault === undefined) return;
    this.#subscription.unsubscribe();
    throw fault;
  }

  /** Number of batches that the operator has not sent on yet. */
  get held(): number {
    return this.#claims.size;
  }

  push(token: T, events: readonly Event[]): void {
    this.#hasBegun = true;
    this.#claims.set(token, events);
    this.#input.next(new Batch(events, token));
    if (this.#claims.has(token) && !this.#isComplete && !this.#input.observed)
      this.#fail("the operator unsubscribed from its input before the input completed");
  }

  /** Completes the input: no more batches will come. The operator must now send on those that it still holds. */
  complete(): void {
    this.#isComplete = true;
    this.#input.complete();
  }

  close(): void {
    this.#isComplete = true;
    this.#claims.clear();
    this.#subscription.unsubscribe();
  }

  #take(batch: Batch): void {
    const { outputs, sent, failed } = this.#options;
    try {
      const { token, came } = this.#spend(batch);
      sent({ token, came, batch, sent: booksOf(came, batch, outputs) });
    } catch (error) {
      failed(error);
    }
  }

  #spend(batch: Batch | undefined): { readonly token: T; readonly came: readonly Event[] } {
    const token = batch instanceof Batch ? batch.token : undefined;
    if (!batch || !token || !(this.#claims.has(token) || this.#spent.has(token)))
      throw new Error(
        "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
      );
    const came = this.#claims.get(token);
    if (!came)
      throw new Error(`the operator sent batch ${token.batch} twice; send each batch once, with all of its events`);
    this.#claims.delete(token);
    this.#spent.add(token);
    return { token: token as T, came };
  }

  #ended(): void {
    if (!this.#isComplete)
      this.#fail("the operator completed before its input did; it must run until its input completes");
    else if (this.#claims.size > 0)
      this.#fail(
        "the operator completed without sending on all of its batches; it must send on every batch that it gets",
      );
  }

  #fail(message: string): void {
    this.#options.failed(new Error(message));
  }
}
