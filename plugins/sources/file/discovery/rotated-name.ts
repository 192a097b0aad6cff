import { basename, dirname, extname } from "node:path";

export const gzipSuffix = ".gz";

export const isGzip = (path: string): boolean => path.endsWith(gzipSuffix);

export const withoutGzip = (path: string): string => (isGzip(path) ? path.slice(0, -gzipSuffix.length) : path);

/** The timestamp in the names of rotated kube-apiserver logs: `audit-2006-01-02T15-04-05.000.log`, in UTC. */
const timestamp = /-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d(?:\.\d{1,9})?)\.[^/]*$/;

/**
 * When the file was rotated, according to its name, in nanoseconds since 1970. The modification time of a compressed
 * file only says when it was compressed.
 */
export const rotationTime = (path: string): bigint | undefined => {
  const [, date, hours, minutes, seconds] = timestamp.exec(path) ?? [];
  if (!date) return undefined;
  const time = Date.parse(`${date}${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? undefined : BigInt(time) * 1_000_000n;
};

const stemOf = (path: string): string => basename(path, extname(path));

/** Whether `name` has the default form of a rotated file's name: `<stem>-*<ext>` or `<stem>-*<ext>.gz`. */
export const isRotatedName = (name: string, logPath: string): boolean =>
  name.startsWith(`${stemOf(logPath)}-`) && withoutGzip(name).endsWith(extname(logPath)) && name !== basename(logPath);

/**
 * The log that a rotated file belongs to: among the logs in the same directory, the one with the longest stem that the
 * file's name begins with. Without one, the file is a log of its own.
 */
export const logPathOf = (path: string, logPaths: ReadonlySet<string>): string => {
  let best = path;
  let length = -1;
  for (const logPath of logPaths) {
    const stem = stemOf(logPath);
    if (dirname(logPath) !== dirname(path) || !basename(path).startsWith(stem) || stem.length <= length) continue;
    best = logPath;
    length = stem.length;
  }
  return best;
};
