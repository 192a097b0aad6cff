import { type OperatorFunction, Subject, type Subscription } from "rxjs";
import { Batch } from "../../../batch.ts";
import type { Event } from "../../../event.ts";
import { booksOf } from "../../../transform/books.ts";
import { Claim } from "../flight.ts";
import type { Part } from "../gate.ts";
import { Stage, type StageOptions } from "./stage.ts";

/** An RxJS operator on batches. Each batch is a single-use claim, and its books are checked when it comes back. */
export class CreateStage extends Stage {
  readonly #input = new Subject<Batch>();
  /** Batches that the operator has, with the events that they came with. */
  readonly #claims = new Map<Claim, readonly Event[]>();
  readonly #subscription: Subscription;
  #isComplete = false;

  constructor(options: StageOptions, operator: OperatorFunction<Batch, Batch>) {
    super(options);
    const { fail } = options;
    this.#subscription = this.#input.pipe(operator).subscribe({
      next: (batch) => {
        try {
          this.#send(batch);
        } catch (error) {
          fail(this.id, error);
        }
      },
      error: (error) => fail(this.id, error),
      complete: () => {
        if (!this.#isComplete) fail(this.id, new Error("the operator completed, and more batches may come"));
        else if (this.#claims.size > 0)
          fail(
            this.id,
            new Error(`the operator completed and kept a batch to itself; it has to send on every batch that it gets`),
          );
      },
    });
  }

  protected process({ flight, events }: Part): void {
    const claim = new Claim(flight, this.id);
    this.#claims.set(claim, events);
    this.#input.next(new Batch(events, claim));
  }

  #send(batch: Batch): void {
    const claim = batch?.token;
    if (!(claim instanceof Claim) || claim.component !== this.id || typeof batch.with !== "function")
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
