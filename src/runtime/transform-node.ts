import { type OperatorFunction, Subject } from "rxjs";
import { Batch, type Rejection } from "../batch.ts";
import type { Event } from "../event.ts";
import type { Log } from "../plugin.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import { Claim, type Flight } from "./flight.ts";
import { Gate } from "./gate.ts";
import type { Group } from "./group.ts";
import { Outlets, type Receiver } from "./outlets.ts";

export interface TransformNodeOptions {
  readonly id: string;
  readonly operator: OperatorFunction<Batch, Batch>;
  readonly group: Group;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly reject: (flight: Flight, component: string, rejections: readonly Rejection[]) => void;
  /** The component threw outside of a lifted function, or ended by itself: the process must end. */
  readonly fail: (component: string, error: unknown) => void;
  /** After `complete`: the last batch was sent on. */
  readonly onIdle: () => void;
}

/** A transform in the running graph: order in front of its operator, claims and accounts behind it. */
export class TransformNode implements Receiver {
  readonly id: string;
  readonly outlets = new Outlets();
  readonly #options: TransformNodeOptions;
  readonly #gate = new Gate();
  readonly #input = new Subject<Batch>();
  readonly #held = new Set<Claim>();

  constructor(options: TransformNodeOptions) {
    this.id = options.id;
    this.#options = options;
    const { fail } = options;
    this.#input.pipe(options.operator).subscribe({
      next: (batch) => {
        try {
          this.#send(batch);
        } catch (error) {
          fail(this.id, error);
        }
      },
      error: (error) => fail(this.id, error),
      complete: () => {
        if (!this.#isStopping) fail(this.id, new Error("the transform completed while batches may still come"));
      },
    });
  }

  #isStopping = false;

  expect(flight: Flight, inputs: readonly number[], width: number): void {
    this.#gate.expect(flight, inputs, width);
  }

  receive(flight: Flight, input: number, events: readonly Event[]): void {
    const { group, ledger } = this.#options;
    ledger.received += events.length;
    ledger.inFlight += events.length;
    this.#gate.arrive(flight, input, events);
    for (let next = this.#gate.take(); next; next = this.#gate.take()) {
      for (let part = 1; part < next.parts; part++) group.release(next.flight);
      const claim = new Claim(next.flight, this.id, next.events.length, group.clock.now());
      this.#held.add(claim);
      this.#input.next(new Batch(next.events, claim));
    }
  }

  #send(batch: Batch): void {
    const { group, ledger, log } = this.#options;
    const claim = batch.token;
    if (!(claim instanceof Claim) || claim.component !== this.id)
      throw new Error("the transform sent a batch that was not made by batch.with(…) from one that it got");
    if (claim.spent) {
      ledger.repeatedAcks++;
      log.error(
        `the transform sent batch ${claim.batch} on twice: the second time counts for nothing, and its ${batch.events.length} events are not sent`,
      );
      return;
    }
    claim.spent = true;
    this.#held.delete(claim);
    this.#settleAccount(claim, batch);
    const rejected = batch.account?.rejected;
    if (rejected && rejected.length > 0) this.#options.reject(claim.flight, this.id, rejected);
    this.outlets.send(claim.flight, batch.events);
    group.release(claim.flight);
    if (this.#isStopping && this.isIdle) this.#options.onIdle();
  }

  #settleAccount(claim: Claim, { events, account }: Batch): void {
    const { ledger } = this.#options;
    ledger.inFlight -= claim.events;
    ledger.sent += events.length;
    let accounted = events.length;
    for (const [reason, count] of Object.entries(account?.consumed ?? {})) {
      ledger.consume(reason, count);
      accounted += count;
    }
    for (const [reason, count] of Object.entries(account?.dropped ?? {})) {
      ledger.drop(reason, count);
      accounted += count;
    }
    for (const { reason } of account?.rejected ?? []) {
      ledger.deadLetter(reason, 1);
      accounted++;
    }
    for (const [name, count] of Object.entries(account?.notes ?? {})) ledger.note(name, count);
    if (accounted > claim.events) ledger.created += accounted - claim.events;
    else if (accounted < claim.events) ledger.consume("no_output", claim.events - accounted);
  }

  /** Since when the longest-held batch is held, in milliseconds since 1970; `undefined` when none is. */
  get heldSince(): number | undefined {
    for (const { since } of this.#held) return since;
    return undefined;
  }

  /** Every batch that it got has been sent on. */
  get isIdle(): boolean {
    return this.#held.size === 0;
  }

  /** No batch will come any more: an operator that gathers sends on what it has. */
  complete(): void {
    this.#isStopping = true;
    this.#input.complete();
  }
}
