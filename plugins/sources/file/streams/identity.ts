import { tailLength } from "../content/fingerprint.ts";
import { type FoundFile, fileVersion } from "../discovery/find-files.ts";
import type { Stream } from "./stream.ts";

/** Enough is known that another file with the same bytes must be this one, moved or copied. */
export const isRecognisable = ({ reader }: Stream): boolean => {
  const { head, tail } = reader.fingerprints;
  return tail.length === tailLength || (tail.end === 0 && head.length >= tailLength);
};

/** Nothing was read, and too little is known of a closed file to tell whether its inode is still that file's. */
export const isBlank = (stream: Stream): boolean => {
  const isUnread = stream.reader.fingerprints.tail.end === 0;
  return !stream.handle && stream.state === "open" && isUnread && !isRecognisable(stream);
};

/**
 * Whether the stream certainly has the file with its inode: it is open, or has not changed since it was closed. While it
 * was closed, another file may have got the inode. Of a file that was never opened, this cannot be known at all.
 */
export const hasCertainly = (stream: Stream, file: FoundFile): boolean => {
  if (stream.handle) return true;
  if (!stream.reader.parked) return false;
  if (fileVersion(file) === stream.version) return true;
  const wasOpened = stream.reader.fingerprints.head.length > 0 || stream.largestSize === 0;
  return !wasOpened && file.path === stream.path && file.size >= stream.largestSize;
};
