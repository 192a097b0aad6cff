/** Marks delivery errors of every copy of this package; `instanceof` recognises only those of one copy. */
const deliveryError = Symbol.for("weir.DeliveryError");

/** Thrown by a write that delivered nothing. Adds details that a plain error does not have. */
export class DeliveryError extends Error {
  /** True if the receiver will never accept any of the events: they go to the dead letter. */
  readonly final: boolean;
  /** How long the receiver asks weir to wait, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** True if the receiver is gone for good, such as the reader of standard output: the run stops as after a signal. */
  readonly gone: boolean;

  constructor(
    message: string,
    {
      final = false,
      retryAfter,
      gone = false,
    }: { final?: boolean; retryAfter?: number | undefined; gone?: boolean } = {},
  ) {
    super(message);
    this.name = "DeliveryError";
    this.final = final;
    this.retryAfter = retryAfter;
    this.gone = gone;
  }

  get [deliveryError](): true {
    return true;
  }
}

/** Whether a value is a `DeliveryError`, of this or another copy of the package. */
export const isDeliveryError = (value: unknown): value is DeliveryError =>
  value instanceof Error && (value as { readonly [deliveryError]?: unknown })[deliveryError] === true;
