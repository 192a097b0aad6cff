import type { Rejection } from "../batch.ts";
import type { Event } from "../event.ts";

/** Identifies errors of this class across several copies of this package, where `instanceof` would fail. */
const brand = Symbol.for("weir.RejectError");

/** Throw it in a transform or codec to send the event to the dead letter with your own reason. */
export class RejectError extends Error {
  readonly [brand] = true;
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = "RejectError";
    this.reason = reason;
  }
}

export const isRejectError = (error: unknown): error is RejectError =>
  typeof error === "object" && error !== null && (error as { [brand]?: unknown })[brand] === true;

/** The rejection of an event for which a step threw `error`. */
export const rejection = (event: Event, error: unknown): Rejection => ({
  event,
  ...reasonFor(error, "transform_error"),
});

/** Why code of a plugin refused something, as it threw `error`; `otherwise` is the reason if the error has none. */
export const reasonFor = (
  error: unknown,
  otherwise: string,
): { readonly reason: string; readonly message: string } => ({
  reason: reasonOf(error, otherwise),
  message: messageOf(error),
});

const reasonOf = (error: unknown, otherwise: string): string => {
  const reason = typeof error === "object" && error !== null ? (error as { reason?: unknown }).reason : undefined;
  return typeof reason === "string" && /^[a-z][a-z0-9_]{0,63}$/.test(reason) ? reason : otherwise;
};

/** V8's messages for a write to a frozen object. */
const frozen = /read only property|object is not extensible|Cannot delete property|Cannot redefine property/;

/** A longer message is cut: it is logged, and kept with each event. */
const longestMessage = 4096;

const messageOf = (error: unknown): string => {
  const text = textOf(error);
  const message = text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text;
  return error instanceof TypeError && frozen.test(message)
    ? `${message}. Events are frozen: make a copy, such as withData(event, { ...event.data, … }).`
    : message;
};

/** The message of whatever a plugin threw, which may not be an `Error`. */
export const textOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return String(error);
  const { message, cause } = error as { readonly message?: unknown; readonly cause?: unknown };
  // fetch says what went wrong only in the cause.
  if (message === "fetch failed" && cause instanceof Error && cause.message !== "")
    return `${message}: ${cause.message}`;
  return typeof message === "string" ? message : "the transform threw an object that is not an error";
};
