import { option } from "../option/option.ts";

/** What a `Retry-After` header asks for, in milliseconds from `now`; undefined when it says nothing that is understood. */
export const retryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? "";
  if (/^[0-9]+$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};

/** How long a client waits before it tries again; decoded to milliseconds. */
export const backoffOption = (description: string, defaults: { readonly initial: string; readonly max: string }) =>
  option.group({
    initial: option.window("The first wait is a random one up to this.", { default: defaults.initial }),
    max: option.window("It doubles with each attempt, up to this; attempts never end.", { default: defaults.max }),
  })(description);

export interface Backoff {
  /** The longest first wait, in milliseconds; it doubles with each attempt. */
  readonly first: number;
  /** The longest wait of all, in milliseconds. */
  readonly most: number;
}

/** How long to wait after the `attempt`th failure in a row (from 1): anything up to a bound that doubles (full jitter). */
export const backoff = (attempt: number, { first, most }: Backoff, random: () => number = Math.random): number =>
  Math.round(random() * Math.min(most, first * 2 ** Math.min(attempt - 1, 30)));
