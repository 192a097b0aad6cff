export const gzip = ".gz";

export const isGzip = (path: string): boolean => path.endsWith(gzip);

/** The time in names as kube-apiserver's log gets them by rotation: `audit-2006-01-02T15-04-05.000.log`, in UTC. */
const stamp = /-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d(?:\.\d{1,9})?)\.[^/]*$/;

/** When a file was rotated, as its name says, in nanoseconds since 1970. A compressed file's own time says when it was compressed. */
export const rotationTime = (path: string): bigint | undefined => {
  const [, date, hours, minutes, seconds] = stamp.exec(path) ?? [];
  if (!date) return undefined;
  const time = Date.parse(`${date}${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(time) ? undefined : BigInt(time) * 1_000_000n;
};
