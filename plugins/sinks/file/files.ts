import { AppendFile, type FileRecord } from "./append-file.ts";
import type { Rotation } from "./rotation.ts";

/** What the sink records of the most recently written files, for the next start. */
export interface Recorded {
  readonly files?: readonly (FileRecord & { readonly path: string })[];
}

/** How many of the most recently written files stay open and are recorded. The others are closed. */
export const maxOpen = 64;

/** The files of a sink, by path. */
export class OutputFiles {
  readonly #rotation: Rotation;
  readonly #base: string | undefined;
  /** In order of use, the most recent last. */
  readonly #files = new Map<string, AppendFile>();

  /** Continues with the recorded files, also where a crash cut them. */
  constructor(recorded: Recorded | undefined, rotation: Rotation, base: string | undefined) {
    this.#rotation = rotation;
    this.#base = base;
    for (const { path, ...record } of recorded?.files ?? []) {
      this.#files.set(path, new AppendFile(path, rotation, { base, record }));
      rotation.cleanUp(path);
    }
  }

  get(path: string): AppendFile {
    const known = this.#files.get(path);
    const file = known ?? new AppendFile(path, this.#rotation, { base: this.#base });
    if (!known) this.#rotation.cleanUp(path);
    this.#files.delete(path);
    this.#files.set(path, file);
    return file;
  }

  /** Closes the least recently used files if too many are open. */
  async closeOld(): Promise<void> {
    for (const [path, file] of this.#files) {
      if (this.#files.size <= maxOpen) return;
      this.#files.delete(path);
      await file.close();
    }
  }

  get record(): Recorded {
    return { files: [...this.#files].flatMap(([path, { record }]) => (record ? { path, ...record } : [])) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }
}
