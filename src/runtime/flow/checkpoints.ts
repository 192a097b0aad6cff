import type { Checkpoint } from "../../plugin.ts";
import type { CheckpointChange } from "../../storage/database.ts";

/** The committed checkpoints of all sources, as of the last commit: where a source that is opened again goes on. */
export class Checkpoints {
  readonly #sources: Map<string, Map<string, Checkpoint>>;

  constructor(saved: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>) {
    this.#sources = new Map([...saved].map(([source, streams]) => [source, new Map(streams)]));
  }

  /** By stream, as they are now. */
  of(source: string): ReadonlyMap<string, Checkpoint> {
    return new Map(this.#sources.get(source));
  }

  committed({ source, stream, checkpoint }: CheckpointChange): void {
    const streams = this.#sources.get(source) ?? new Map<string, Checkpoint>();
    this.#sources.set(source, streams);
    if (checkpoint) streams.set(stream, checkpoint);
    else streams.delete(stream);
  }
}
