import { extname } from "node:path";

export const gzipSuffix = ".gz";

export const isGzip = (path: string): boolean => path.endsWith(gzipSuffix);

export const withoutGzip = (path: string): string => (isGzip(path) ? path.slice(0, -gzipSuffix.length) : path);

/**
 * What a rotation adds to the name of a log: a number, a date, a date with a time, or `old`. Names of logrotate
 * (`app.log.1`, `app.log-20260101`, with `extension` also `app.1.log`), of kube-apiserver
 * (`app-2026-01-01T10-00-00.000.log`), of kubelet (`0.log.20260101-100000`), of logback, Log4j and Python.
 */
const tag = /^(?:\d[\dTZ._:+-]*|old)$/;

/** A separator before something that may be a tag. */
const separator = /[-._](?=\d|old)/g;

/** Between the stem and the extension, a `-` and a few digits are more often the number of a program than a rotation. */
const isInnerTag = (text: string, separator: string): boolean =>
  tag.test(text) && (separator === "." || text.replace(/\D/g, "").length >= 6);

/** A log that a file may have been rotated from, judging by the file's name, and what the rotation added. */
interface Origin {
  /** File name of the log. */
  readonly log: string;
  readonly tag: string;
}

/** The logs that a file with this name may have been rotated from, the longest stem first. */
const origins = (name: string): Origin[] => {
  const plain = withoutGzip(name);
  const extension = extname(plain);
  const found: Origin[] = [];
  for (const { 0: mark, index } of plain.matchAll(separator)) {
    const rest = plain.slice(index + 1);
    if (index > 0 && tag.test(rest)) found.push({ log: plain.slice(0, index), tag: rest });
    const inner = rest.slice(0, -extension.length);
    if (index > 0 && extension !== "" && isInnerTag(inner, mark))
      found.push({ log: plain.slice(0, index) + extension, tag: inner });
  }
  return found.sort((a, b) => b.log.length - a.log.length);
};

/** The log among `isLog` that a file with this name was rotated from by default, or undefined. */
export const rotatedFrom = (name: string, isLog: (name: string) => boolean): string | undefined =>
  origins(name).find(({ log }) => log !== name && isLog(log))?.log;

/** The number of a generation that was rotated from the log `log`, such as 2 in `app.log.2.gz`: the higher, the older. */
export const generationOf = (name: string, log: string): number | undefined => {
  const origin = origins(name).find((origin) => origin.log === log);
  return origin && /^\d{1,5}$/.test(origin.tag) ? Number(origin.tag) : undefined;
};

/** A date in a name, with or without a time: `2026-01-02T15-04-05.000`, `20260102-150405`, `2026-01-02`, `20260102`. */
const timestamp =
  /(?<!\d)(\d{4})([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:[T_.-]?([01]\d|2[0-3])(?:[-:]?([0-5]\d)(?:[-:]?([0-5]\d(?:\.\d{1,9})?))?)?)?(?!\d)/;

/**
 * When the file was rotated, according to its name, in nanoseconds since 1970; the time is taken for UTC, as
 * kube-apiserver writes it. The modification time of a compressed file may only say when it was compressed.
 */
export const rotationTime = (path: string): bigint | undefined => {
  const [found, year, , month, day, hours = "00", minutes = "00", seconds = "00"] =
    timestamp.exec(path.slice(path.lastIndexOf("/") + 1)) ?? [];
  if (!found) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? undefined : BigInt(time) * 1_000_000n;
};
