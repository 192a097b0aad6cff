import type { Prints } from "./likeness.ts";

/** What a checkpoint keeps, to find the file again after a restart under whatever name. */
export interface Detail extends Prints {
  /** The included path under which the file was first seen; its own path before any rotation. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly state?: Exclude<StreamState, "open">;
}

/**
 * `ended`: read to its end after it was rotated; `ignored`: there before the first start, never read; `copy`: holds what
 * another stream's file holds, and is read only if that one is cut before it was read.
 */
export type StreamState = "open" | "ended" | "ignored" | "copy";
