import type { Rejection } from "../batch.ts";
import type { Event } from "../event.ts";

/** Marks an error of this class also for another copy of this package, where `instanceof` would say no. */
const brand = Symbol.for("weir.RejectError");

/** Thrown by a transform to send its event to the dead letter under a reason of its own. */
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
  reason: reasonOf(error),
  message: messageOf(error),
});

const reasonOf = (error: unknown): string => {
  const reason = typeof error === "object" && error !== null ? (error as { reason?: unknown }).reason : undefined;
  return typeof reason === "string" && /^[a-z][a-z0-9_]{0,63}$/.test(reason) ? reason : "transform_error";
};

/** V8's words for a change of something frozen. */
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

/** In words, also what is no error: a plugin may throw anything. */
export const textOf = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return String(error);
  const { message, cause } = error as { readonly message?: unknown; readonly cause?: unknown };
  // fetch says what went wrong only in the cause.
  if (message === "fetch failed" && cause instanceof Error && cause.message !== "")
    return `${message}: ${cause.message}`;
  return typeof message === "string" ? message : "the transform threw an object that is not an error";
};
