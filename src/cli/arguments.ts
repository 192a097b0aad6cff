import { availableParallelism } from "node:os";
import { InvalidArgumentError } from "commander";
import type { Moment } from "../backtest/backtest.ts";
import { type ListenAddress, listenAddress } from "../observe/listen-address.ts";
import { bytesOf, durationMeant, durationOf, durationPattern, sizeMeant, sizePattern } from "../option/quantity.ts";

/** Reads the value of an option such as `--drain 30s`, in milliseconds. */
export const durationArgument = (text: string): number => {
  try {
    if (new RegExp(durationPattern).test(text)) return durationOf(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
  throw new InvalidArgumentError(wanted("a duration such as 500ms, 30s or 5m", durationMeant(text)));
};

/** Reads the value of an option such as `--dead-letter-size 1GiB`, in bytes. */
export const sizeArgument = (text: string): number => {
  if (new RegExp(sizePattern).test(text)) return bytesOf(text);
  throw new InvalidArgumentError(wanted("a size above zero such as 512KiB, 64MiB or 1GiB", sizeMeant(text)));
};

/** Reads the value of an option such as `--limit 10`. */
export const countArgument = (text: string): number => {
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError(wanted("a whole number from 1 on"));
};

/** The most threads that make sense: the main thread keeps up with no more. */
const mostWorkers = 16;

/** With `auto`, there are at most so many. */
const mostAutomatic = 4;

/** Reads the value of `--workers`. One core is left to the main thread. */
export const workersArgument = (text: string): number => {
  if (text === "auto") return Math.min(availableParallelism() - 1, mostAutomatic);
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && count <= mostWorkers) return count;
  throw new InvalidArgumentError(wanted(`auto, or a number of threads from 0 to ${mostWorkers}`));
};

/** Reads the value of an option such as `--fail-above 0.5`. */
export const amountArgument = (text: string): number => {
  if (/^\d{1,12}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError(wanted("a number that is 0 or more"));
};

/** Reads a time such as `2026-01-01T12:00:00Z`, in milliseconds since 1970. */
export const timeArgument = (text: string): number => {
  const time = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time) && time >= 0) return time;
  throw new InvalidArgumentError(wanted("a time since 1970 with its zone, such as 2026-01-01T12:00:00Z"));
};

/** Collects the values of an option that may be given several times. */
export const listArgument = (text: string, list: readonly string[] = []): readonly string[] => [...list, text];

/** Reads the value of `--listen`. */
export const listenArgument = (text: string): ListenAddress => {
  const address = listenAddress(text);
  if (address) return address;
  throw new InvalidArgumentError(wanted("a port, or an address with a port such as 127.0.0.1:9598 or [::1]:9598"));
};

const wanted = (what: string, meant?: string): string =>
  `Give ${what}.${meant === undefined ? "" : ` Write ${meant}.`}`;

/** Reads a time, a date (its beginning in UTC), or a duration such as `7d` before another time. */
export const momentArgument = (text: string): Moment => {
  if (new RegExp(durationPattern).test(text)) return { before: durationArgument(text) };
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const at = Date.parse(isDate ? `${text}T00:00:00Z` : text);
  const isExact = isDate ? !Number.isNaN(at) && new Date(at).toISOString().startsWith(text) : true;
  if (isDate && isExact && at >= 0) return { at };
  if (!isDate && /^\d{4}-\d{2}-\d{2}T/.test(text)) return { at: timeArgument(text) };
  throw new InvalidArgumentError(
    wanted(
      "a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or a duration such as 7d before the last event",
    ),
  );
};
