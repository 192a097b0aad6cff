import { AppendFile, cutTail, type Place } from "./append-file.ts";
import type { Rotation } from "./rotation.ts";

/** What the sink remembers of the files that it wrote last, for the next start. */
export interface Recorded {
  readonly files?: readonly (Place & { readonly path: string })[];
}

/** Files that were written last stay open, and are remembered; the others are closed. */
const maxOpen = 64;

/** The files of a sink, by path. */
export class Files {
  readonly #rotation: Rotation;
  readonly #base: string | undefined;
  /** The one used last comes last. */
  readonly #files = new Map<string, AppendFile>();

  private constructor(rotation: Rotation, base: string | undefined) {
    this.#rotation = rotation;
    this.#base = base;
  }

  /** Takes up the files that were written last: what a crash has left of a line that was not recorded is cut off. */
  static async open(recorded: Recorded | undefined, rotation: Rotation, base: string | undefined): Promise<Files> {
    const files = new Files(rotation, base);
    for (const { path, ...place } of recorded?.files ?? []) {
      await cutTail(path, place);
      files.#files.set(path, new AppendFile(path, rotation, { base, place }));
      rotation.tidy(path);
    }
    return files;
  }

  get(path: string): AppendFile {
    const known = this.#files.get(path);
    const file = known ?? new AppendFile(path, this.#rotation, { base: this.#base });
    if (!known) this.#rotation.tidy(path);
    this.#files.delete(path);
    this.#files.set(path, file);
    return file;
  }

  /** Closes those that were not used for the longest time, if there are too many. */
  async closeOld(): Promise<void> {
    for (const [path, file] of this.#files) {
      if (this.#files.size <= maxOpen) return;
      this.#files.delete(path);
      await file.close();
    }
  }

  get record(): Recorded {
    return { files: [...this.#files].flatMap(([path, { place }]) => (place ? { path, ...place } : [])) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }
}
