import { isObservable, Observable, type OperatorFunction, Subject, type Subscription } from "rxjs";
import { Batch, type Token } from "../batch.ts";
import type { Event } from "../event.ts";
import { kindOf } from "../json.ts";
import { booksOf } from "./books.ts";
import type { Sent } from "./tally.ts";

/** A batch that an operator sent on, with books that are right. */
export interface SentOn<T extends Token> {
  readonly token: T;
  /** The events that the operator got. */
  readonly came: readonly Event[];
  readonly batch: Batch;
  readonly sent: Sent;
}

export interface OperatorRunOptions<T extends Token> {
  /** Names of outputs, beside the default one. */
  readonly outputs: ReadonlySet<string>;
  readonly sent: (batch: SentOn<T>) => void;
  /** The operator broke the contract. The first call says what went wrong; others may follow from it. */
  readonly failed: (error: unknown) => void;
}

/** An RxJS operator on batches at work: each batch is a single-use claim, and its books are checked when it comes back. */
export class OperatorRun<T extends Token> {
  readonly #input = new Subject<Batch>();
  readonly #options: OperatorRunOptions<T>;
  /** Batches that the operator has, with the events that they came with. */
  readonly #claims = new Map<Token, readonly Event[]>();
  readonly #spent = new WeakSet<Token>();
  readonly #subscription: Subscription;
  #hasBegun = false;
  #isComplete = false;

  /** Throws what the operator does wrong as soon as it is subscribed to. */
  constructor(operator: OperatorFunction<Batch, Batch>, options: OperatorRunOptions<T>) {
    let faults: unknown[] | undefined = [];
    const failed = (error: unknown) => void (faults ? faults.push(error) : options.failed(error));
    this.#options = { ...options, failed };
    const input = new Observable<Batch>((subscriber) => {
      if (this.#hasBegun)
        this.#fail(
          "the operator subscribed to its input again, as retry and repeat do; the batch that it had is lost: retry within mergeMap",
        );
      return this.#input.subscribe(subscriber);
    });
    const output: unknown = operator(input);
    if (!isObservable(output))
      throw new Error(`create did not return an RxJS operator: it made ${kindOf(output)} of its input`);
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

  /** How many batches the operator has and did not send on yet. */
  get held(): number {
    return this.#claims.size;
  }

  push(token: T, events: readonly Event[]): void {
    this.#hasBegun = true;
    this.#claims.set(token, events);
    this.#input.next(new Batch(events, token));
    if (this.#claims.has(token) && !this.#isComplete && !this.#input.observed)
      this.#fail("the operator stopped listening, and more batches may come");
  }

  /** No batch will come any more: an operator that still has some sends them on. */
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
      throw new Error("the operator sent something that was not made by batch.with(…) from a batch that it got");
    const came = this.#claims.get(token);
    if (!came)
      throw new Error(
        `the operator sent batch ${token.batch} on twice; a batch is sent on once, with all of its events`,
      );
    this.#claims.delete(token);
    this.#spent.add(token);
    return { token: token as T, came };
  }

  #ended(): void {
    if (!this.#isComplete) this.#fail("the operator completed, and more batches may come");
    else if (this.#claims.size > 0)
      this.#fail("the operator completed and kept a batch to itself; it has to send on every batch that it gets");
  }

  #fail(message: string): void {
    this.#options.failed(new Error(message));
  }
}
