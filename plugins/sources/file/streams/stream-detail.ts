import type { Json } from "weir";
import type { Fingerprints } from "../content/fingerprint.ts";

/**
 * `ended`: rotated and read to its end; `ignored`: older than the first start and never read; `copy`: has the content
 * of another stream's file, and is read only if that file is truncated before it was read.
 */
export type StreamState = "open" | "ended" | "ignored" | "copy";

/** What a checkpoint keeps of a stream, to find its file after a restart under any name. */
export interface StreamDetail extends Fingerprints {
  /** `logPath` of the stream. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly state?: Exclude<StreamState, "open">;
  /** Of a copy: the id of the stream that is read from the original. */
  readonly original?: string;
  /** The size of the gzip file when it was read to its end. */
  readonly readSize?: number;
  /** When the file was first not found, in milliseconds since 1970. */
  readonly missingSince?: number;
  /** The link by which the file was first found. */
  readonly link?: string;
}

/** What a checkpoint keeps: without members that say nothing. */
export const asDetail = ({
  state,
  original,
  readSize,
  missingSince,
  link,
  ...detail
}: Omit<StreamDetail, "state" | "original" | "readSize" | "missingSince" | "link"> & {
  readonly state: StreamState;
  readonly original: string | undefined;
  readonly readSize: number | undefined;
  readonly missingSince: number | undefined;
  readonly link: string | undefined;
}): Json => {
  const known: StreamDetail = {
    ...detail,
    ...(state !== "open" && { state }),
    ...(state === "copy" && original !== undefined && { original }),
    ...(readSize !== undefined && { readSize }),
    ...(missingSince !== undefined && { missingSince }),
    ...(link !== undefined && { link }),
  };
  return known as unknown as Json;
};
