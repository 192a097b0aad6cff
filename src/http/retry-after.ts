/** The headers of a response that say when to try again. */
interface RetryHeaders {
  readonly "retry-after"?: string | undefined;
  readonly date?: string | undefined;
}

/** The longest wait that a server can ask for, in milliseconds. */
const longestWait = 3_600_000;

/**
 * How long the `Retry-After` of a response asks to wait, in milliseconds, an hour at most; undefined when it is missing or not
 * understood. A date in it is compared with the `Date` of the same response, so that the clock of this machine does not
 * matter; `now` is only used without a `Date`.
 */
export const retryAfter = ({ "retry-after": header, date }: RetryHeaders, now: number): number | undefined => {
  const text = header?.trim() ?? "";
  if (/^[0-9]+$/.test(text)) return Math.min(Number(text) * 1000, longestWait);
  const until = timeOf(text);
  return until === undefined ? undefined : Math.min(Math.max(0, until - (timeOf(date) ?? now)), longestWait);
};

const timeOf = (date = ""): number | undefined => {
  const time = /^[A-Za-z]{3}/.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
};
