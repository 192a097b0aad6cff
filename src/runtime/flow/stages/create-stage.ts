import type { OperatorFunction } from "rxjs";
import type { Batch } from "../../../batch.ts";
import { OperatorRun } from "../../../transform/operator-run.ts";
import type { CutWatch } from "../cut-watch.ts";
import { Claim } from "../flight.ts";
import type { Part } from "../gate.ts";
import { Stage, type StageOptions } from "./stage.ts";

export interface CreateStageOptions extends StageOptions {
  /** Checks the operator on its first events. */
  readonly watch?: CutWatch | undefined;
}

/** Runs an RxJS operator on batches. */
export class CreateStage extends Stage {
  readonly #run: OperatorRun<Claim>;
  readonly #watch: CutWatch | undefined;

  constructor(options: CreateStageOptions, operator: OperatorFunction<Batch, Batch>) {
    super(options);
    const { fail, watch } = options;
    this.#watch = watch;
    this.#run = new OperatorRun(operator, {
      outputs: this.outputs,
      sent: ({ token, came, sent }) => this.sendOn(token.flight, came.length, sent),
      failed: (error) => fail(this.id, error),
    });
  }

  protected process({ flight, events }: Part): void {
    this.#watch?.take(events);
    this.#run.push(new Claim(flight, this.id), events);
  }

  override get isIdle(): boolean {
    return super.isIdle && !this.#watch?.isBusy;
  }

  override complete(): void {
    this.#watch?.finish();
    this.#run.complete();
  }

  override close(): void {
    super.close();
    this.#watch?.close();
    this.#run.close();
  }
}
