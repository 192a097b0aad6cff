import { isObservable, type OperatorFunction, Subject, type Subscription } from "rxjs";
import { Batch } from "../../batch.ts";
import type { Event } from "../../event.ts";
import { kindOf } from "../../json.ts";
import { booksOf } from "../../transform/books.ts";
import { Claim } from "./flight.ts";
import type { Part } from "./gate.ts";
import { Stage, type StageOptions } from "./stage.ts";

/** An RxJS operator on batches. Each batch is a single-use claim, and its books are checked when it comes back. */
export class CreateStage extends Stage {
  readonly #input = new Subject<Batch>();
  /** Batches that the operator has, with the events that they came with. */
  readonly #claims = new Map<Claim, readonly Event[]>();
  readonly #subscription: Subscription;
  #isComplete = false;

  /** Throws what the operator does wrong as soon as it is subscribed to. */
  constructor(options: StageOptions, operator: OperatorFunction<Batch, Batch>) {
    super(options);
    let faults: unknown[] | undefined = [];
    const fail = (error: unknown) => void (faults ? faults.push(error) : options.fail(this.id, error));
    const output: unknown = operator(this.#input);
    if (!isObservable(output))
      throw new Error(`create did not return an RxJS operator: it made ${kindOf(output)} of its input`);
    this.#subscription = output.subscribe({
      next: (batch) => {
        try {
          this.#send(batch as Batch);
        } catch (error) {
          fail(error);
        }
      },
      error: fail,
      complete: () => {
        const fault = this.#faultAtEnd;
        if (fault) fail(new Error(fault));
      },
    });
    const [fault] = faults;
    faults = undefined;
    if (fault === undefined) return;
    this.#subscription.unsubscribe();
    throw fault;
  }

  get #faultAtEnd(): string | undefined {
    if (!this.#isComplete) return "the operator completed, and more batches may come";
    return this.#claims.size > 0
      ? "the operator completed and kept a batch to itself; it has to send on every batch that it gets"
      : undefined;
  }

  protected process({ flight, events }: Part): void {
    const claim = new Claim(flight, this.id);
    this.#claims.set(claim, events);
    this.#input.next(new Batch(events, claim));
  }

  #send(batch: Batch): void {
    const claim = batch instanceof Batch ? batch.token : undefined;
    if (!(claim instanceof Claim) || claim.component !== this.id)
      throw new Error("the operator sent something that was not made by batch.with(…) from a batch that it got");
    const came = this.#claims.get(claim);
    if (!came)
      throw new Error(
        `the operator sent batch ${claim.batch} on twice; a batch is sent on once, with all of its events`,
      );
    this.#claims.delete(claim);
    this.hand(claim.flight, came.length, booksOf(came, batch, this.outputs));
  }

  /** No batch will come any more: an operator that still has some sends them on. */
  override complete(): void {
    this.#isComplete = true;
    this.#input.complete();
  }

  override close(): void {
    super.close();
    this.#isComplete = true;
    this.#claims.clear();
    this.#subscription.unsubscribe();
  }
}
