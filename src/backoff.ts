import { option } from "./option/option.ts";

/** Limits of the waits between attempts, in milliseconds. */
export interface Backoff {
  /** The longest wait after the first failure; it doubles with each failure. */
  readonly initial: number;
  /** The longest wait after any number of failures. */
  readonly max: number;
}

export interface BackoffOptions {
  /** From 0 to 1. */
  readonly random?: () => number;
  /** The receiver's `Retry-After`, in milliseconds: the wait is at least this long, even beyond `max`. */
  readonly atLeast?: number | undefined;
}

/** Milliseconds to wait after `failures` failures in a row (from 1), with full jitter: a random wait up to the limit. */
export const backoff = (
  failures: number,
  { initial, max }: Backoff,
  { random = Math.random, atLeast = 0 }: BackoffOptions = {},
): number => Math.ceil(Math.max(atLeast, random() * Math.min(max, initial * 2 ** Math.min(failures - 1, 30))));

/** How long a client waits before it tries again, as an option; decoded to milliseconds. */
export const backoffOption = (description: string, defaults: { readonly initial: string; readonly max: string }) =>
  option.group({
    initial: option.window("The first wait is random, between zero and this.", { default: defaults.initial }),
    max: option.window("The limit doubles with each failure, up to this; the number of attempts is unlimited.", {
      default: defaults.max,
    }),
  })(description);
