import type { FileHandle } from "node:fs/promises";
import { byAge } from "./by-age.ts";
import { type Found, keyOf } from "./find.ts";
import type { Stream } from "./stream.ts";

/** The streams that are known, by the device and inode of their files. */
export class Streams {
  readonly #byFile = new Map<string, Stream>();
  readonly #displaced = new Set<Stream>();

  get all(): Stream[] {
    return [...this.#byFile.values()];
  }

  /** Those whose files are open: files that lost their path first, then the older ones. */
  get open(): Stream[] {
    return this.all.filter(({ handle }) => handle !== undefined).sort(byAge);
  }

  /** Those whose inodes belong to other bytes now; within a scan they may be found elsewhere. */
  get displaced(): ReadonlySet<Stream> {
    return this.#displaced;
  }

  /** The paths under which files were first met. */
  get families(): string[] {
    return [...this.#byFile.values(), ...this.#displaced].map(({ family }) => family);
  }

  /** The first stream of each family that has something to read. */
  next(): Stream[] {
    const chosen = new Map<string, Stream>();
    for (const stream of this.open) {
      if (!stream.drained && !chosen.has(stream.family)) chosen.set(stream.family, stream);
    }
    return [...chosen.values()];
  }

  /** The age of the youngest. A log that is only now begun is younger, though a file system's clock may lag behind names. */
  youngest(family: string): bigint {
    return this.all.reduce((age, stream) => (stream.family === family && stream.age > age ? stream.age : age), 0n);
  }

  /** The stream that has the file's device and inode. */
  of(file: Found): Stream | undefined {
    return this.#byFile.get(keyOf(file));
  }

  isReadBy(file: Found, handle: FileHandle): boolean {
    return this.of(file)?.handle === handle;
  }

  /** The stream has the file that its device and inode say. */
  add(stream: Stream): void {
    stream.displaced = false;
    this.#displaced.delete(stream);
    this.#byFile.set(stream.key, stream);
  }

  remove(stream: Stream): void {
    this.#displaced.delete(stream);
    if (this.#byFile.get(stream.key) === stream) this.#byFile.delete(stream.key);
  }

  displace(stream: Stream): void {
    this.remove(stream);
    stream.displaced = true;
    this.#displaced.add(stream);
  }
}
