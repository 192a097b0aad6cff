import type { Stream } from "./stream.ts";

/** A writer may keep a file open for a while after a rename, so an incomplete line gets this long to be completed. */
const lineTimeout = 5_000;

/** A truncated gzip file gets this long to be completed. */
const gzipTimeout = 60_000;

export interface EndOptions {
  readonly follow: boolean;
  /** The poll interval, in milliseconds. */
  readonly interval: number;
  /** By the monotonic clock, in milliseconds. */
  readonly now: number;
}

/** Whether the stream's open file has been read to its end and nothing more is expected. */
export const hasEnded = ({ reader, compressed, placement }: Stream, { follow, interval, now }: EndOptions): boolean => {
  const { idle, gzipEnd, endsLine } = reader;
  if (compressed) {
    if (gzipEnd !== "truncated" || !follow) return gzipEnd !== undefined;
    return idle !== undefined && now - idle.since >= gzipTimeout;
  }
  if (!idle || !follow) return idle !== undefined;
  if (placement === "current") return false;
  const timeout = placement === "rotated" && endsLine ? interval : Math.max(interval, lineTimeout);
  return idle.until - idle.since >= timeout;
};
