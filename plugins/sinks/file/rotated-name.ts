import { basename, extname } from "node:path";

/** For example `alerts-2006-01-02T15-04-05.000.ndjson`, in UTC, as kube-apiserver names its rotated logs. */
export const rotatedName = (path: string, time: number): string => {
  const stamp = new Date(time).toISOString().slice(0, -1).replaceAll(":", "-");
  return `${basename(path, extname(path))}-${stamp}${extname(path)}`;
};

/** The suffix of a compressed file while it is written. */
export const unfinished = ".gz.tmp";

const stamp = String.raw`(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d\.\d{3})`;
const exactly = new RegExp(`^${stamp}$`);
const plainRotated = new RegExp(String.raw`^(.*)-${stamp}(\.[^.]*)?$`);
const anyRotated = new RegExp(String.raw`-${stamp}(\.[^.]*)?(\.gz(\.tmp)?)?$`);

/** The name of the file that was rotated to `name`, which may be compressed; `undefined` if that is not a rotated name. */
export const originalName = (name: string): string | undefined => {
  const parts = plainRotated.exec(name.replace(/\.gz(\.tmp)?$/, ""));
  return parts ? `${parts[1]}${parts[5] ?? ""}` : undefined;
};

/** When `path` was rotated to `name`, which may be compressed; `undefined` if `name` is not a rotated name of `path`. */
export const rotationTime = (path: string, name: string): number | undefined => {
  const head = `${basename(path, extname(path))}-`;
  const plain = name.replace(/\.gz(\.tmp)?$/, "");
  if (!plain.startsWith(head) || !plain.endsWith(extname(path))) return undefined;
  const [, hours, minutes, seconds] = exactly.exec(plain.slice(head.length, plain.length - extname(path).length)) ?? [];
  const time = Date.parse(`${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? undefined : time;
};

/** Whether a name has the form of a rotated file's name. A file with such a name could be removed by rotation. */
export const looksRotated = (name: string): boolean => anyRotated.test(name);
