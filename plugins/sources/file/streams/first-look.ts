import type { Checkpoint, Json, Reading } from "weir";

/** The id of the stream whose checkpoint says how far the first look has come. The ids of other streams are UUIDs. */
const firstLookId = "first-look";

const nothing = new Uint8Array(0);

/** The host commits a reading at once if somebody waits for it. */
const atOnce = (): void => undefined;

/**
 * The source's very first look for files, which decides what belongs to the past. Its progress has a checkpoint of its
 * own, because the files may give no reason for one: a log may be empty, or not exist yet.
 */
export class FirstLook {
  #progress: "begun" | "over" | undefined;
  /** The files belong to the past unless they are known: nothing was looked at before, or not everything. */
  isFirst: boolean;

  private constructor(progress: "begun" | "over" | undefined, isFirst: boolean) {
    this.#progress = progress;
    this.isFirst = isFirst;
  }

  /** Also returns the checkpoints of the files. Those written before there was a record of the first look imply one. */
  static restore(checkpoints: ReadonlyMap<string, Checkpoint>): { look: FirstLook; files: Map<string, Checkpoint> } {
    const files = new Map(checkpoints);
    files.delete(firstLookId);
    const progress = (checkpoints.get(firstLookId)?.detail as Json & { progress?: "begun" | "over" })?.progress;
    const isFirst = progress === undefined ? files.size === 0 : progress === "begun";
    return { look: new FirstLook(progress, isFirst), files };
  }

  /** Yields what must be committed before anything else. */
  *begin(): Generator<Reading> {
    if (this.isFirst && this.#progress === undefined) yield this.#record("begun");
  }

  /** Yields what must be committed once all that was found is recorded. */
  *finish(): Generator<Reading> {
    this.isFirst = false;
    if (this.#progress !== "over") yield this.#record("over");
  }

  #record(progress: "begun" | "over"): Reading {
    this.#progress = progress;
    return { stream: firstLookId, position: 0, bytes: nothing, detail: { progress }, end: true, settled: atOnce };
  }
}
