import { type FileHandle, open } from "node:fs/promises";
import type { Checkpoint, Clock, Log, Reading } from "weir";
import { Complaints } from "./complaints.ts";
import { type Found, findFiles } from "./find.ts";
import { lastLineStart } from "./print.ts";
import { Stream } from "./stream.ts";

export interface CatalogueOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rotated: readonly string[] | undefined;
  readonly readFrom: "beginning" | "end";
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a closed file has to be missing before its checkpoint is dropped: a volume may be mounted again. */
const forgetAfter = 60_000;

/** Knows every stream by its file, finds each again in what is on disk now, and says which are to be read. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #complaints: Complaints;
  readonly #streams = new Map<string, Stream>();
  /** Copies of files that are streams already, as they looked: not to be read. */
  readonly #copies = new Map<string, string>();
  /** Nothing was read before: older rotated files are not read, `read_from` counts. */
  #first: boolean;
  #toldEmpty = false;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#complaints = new Complaints(options.log);
    for (const [id, checkpoint] of options.checkpoints) {
      const stream = Stream.fromCheckpoint(id, checkpoint);
      this.#streams.set(stream.key, stream);
    }
    this.#first = [...this.#streams.values()].every(({ state }) => state === "ignored");
  }

  get open(): Stream[] {
    return [...this.#streams.values()].filter(({ handle }) => handle !== undefined).sort(byAge);
  }

  get paths(): string[] {
    return [...this.#streams.values()].map(({ path }) => path);
  }

  /** Looks what is on disk now; yields what the checkpoints have to know of it. */
  async *scan(): AsyncGenerator<Reading> {
    const families = new Set([...this.#streams.values()].map(({ family }) => family));
    const found = await findFiles({ ...this.#options, families, complain: this.#complaints.add });
    const present = new Set(found.map((file) => keyOf(file)));
    for (const file of found) yield* this.#meet(file, present);
    yield* this.#settle(found, present);
    if (found.length === 0) this.#tellEmpty();
    this.#first = false;
  }

  /** The first stream of each family that has something to read. */
  next(): Stream[] {
    const chosen = new Map<string, Stream>();
    for (const stream of this.open) {
      if (!stream.drained && !chosen.has(stream.family)) chosen.set(stream.family, stream);
    }
    return [...chosen.values()];
  }

  /** The stream's file holds other bytes now: they are a new stream, read from the start. */
  restart(stream: Stream): Stream {
    const fresh = new Stream(stream.path, stream);
    fresh.handle = stream.handle;
    stream.handle = undefined;
    fresh.leaving = stream.leaving;
    fresh.modified = stream.modified;
    this.#streams.set(fresh.key, fresh);
    return fresh;
  }

  remove(stream: Stream): void {
    if (this.#streams.get(stream.key) === stream) this.#streams.delete(stream.key);
  }

  /** Reading failed: the file is opened again at the next scan, if it is still there. */
  async fail(stream: Stream, error: unknown): Promise<void> {
    this.#complaints.add(stream.path, error);
    stream.look = "";
    await stream.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all(this.open.map((stream) => stream.close()));
  }

  async *#meet(file: Found, present: ReadonlySet<string>): AsyncGenerator<Reading> {
    const known = this.#streams.get(keyOf(file));
    const look = `${file.path} ${file.size} ${file.modified}`;
    if (known?.handle) return known.place(file);
    if ((known?.look ?? this.#copies.get(keyOf(file))) === look) return;
    const handle = await this.#openFile(file.path);
    if (!handle) return;
    try {
      // The path may have been given to another file since it was found; the next scan meets both.
      const { dev, ino } = await handle.stat({ bigint: true });
      if (`${dev}:${ino}` === keyOf(file)) yield* this.#identify(file, handle, present, look);
    } catch (error) {
      this.#complaints.add(file.path, error);
    } finally {
      const taken = this.#streams.get(keyOf(file))?.handle === handle;
      if (!taken) await handle.close();
    }
  }

  async *#identify(file: Found, handle: FileHandle, present: ReadonlySet<string>, look: string) {
    const known = this.#streams.get(keyOf(file));
    if (known && (await known.matches(handle))) return this.#resume(known, file, handle, look);
    if (known) {
      yield known.reading(undefined, { end: true, forget: true });
      this.remove(known);
      this.#tellReplaced(known);
    }
    const moved = await this.#search(handle, (stream) => !present.has(stream.key) && !stream.handle);
    if (moved) {
      this.#streams.delete(moved.key);
      await this.#resume(moved, file, handle, look);
      this.#streams.set(moved.key, moved);
    } else if (file.rotated && (await this.#search(handle, () => true))) this.#copies.set(keyOf(file), look);
    else yield* this.#begin(file, handle, look);
  }

  async #resume(stream: Stream, file: Found, handle: FileHandle, look: string): Promise<void> {
    stream.place(file);
    stream.look = look;
    const done = stream.state === "ignored" || (stream.state === "ended" && file.size === stream.position);
    if (done) return;
    stream.state = "open";
    await stream.open(handle);
  }

  async *#begin(file: Found, handle: FileHandle, look: string): AsyncGenerator<Reading> {
    const stream = new Stream(file.family, file);
    stream.place(file);
    stream.look = look;
    const { size } = await handle.stat();
    const skip = this.#first && (file.rotated || this.#options.readFrom === "end");
    await stream.open(handle, !skip ? 0 : file.rotated ? size : await lastLineStart(handle, size));
    this.#streams.set(stream.key, stream);
    if (this.#first && file.rotated) {
      stream.handle = undefined;
      stream.state = "ignored";
      yield stream.reading(undefined, { end: true });
    } else if (skip) yield stream.reading();
  }

  /** Which open streams lost their path, and which closed ones are gone for good. */
  async *#settle(found: readonly Found[], present: ReadonlySet<string>): AsyncGenerator<Reading> {
    const current = new Map(found.filter(({ rotated }) => !rotated).map((file) => [file.path, keyOf(file)]));
    for (const stream of [...this.#streams.values()]) {
      if (stream.handle) await this.#watchLeaving(stream, stream.handle, current.get(stream.family));
      else if (!present.has(stream.key)) yield* this.#miss(stream);
    }
  }

  async #watchLeaving(stream: Stream, handle: FileHandle, current: string | undefined): Promise<void> {
    const replaced = current !== undefined && current !== stream.key;
    const deleted = (await handle.stat()).nlink === 0;
    const leaving = deleted ? "deleted" : replaced ? "rotated" : "no";
    if (leaving === stream.leaving) return;
    stream.leaving = leaving;
    // What was written up to the rename must be read after it was seen.
    stream.drained = false;
    stream.quiet = undefined;
  }

  async *#miss(stream: Stream): AsyncGenerator<Reading> {
    const now = this.#options.clock.now();
    stream.missingSince ??= now;
    if (now - stream.missingSince < forgetAfter) return;
    if (stream.state === "open")
      this.#options.log.warn(
        `"${stream.path}" is gone and was not read to its end: what was written after byte ${stream.position} is lost. Keep rotated files longer than weir may be down`,
        { path: stream.path, position: stream.position },
      );
    yield stream.reading(undefined, { end: true, forget: true });
    this.remove(stream);
  }

  async #search(handle: FileHandle, among: (stream: Stream) => boolean): Promise<Stream | undefined> {
    for (const stream of this.#streams.values()) {
      if (stream.recognisable && among(stream) && (await stream.matches(handle))) return stream;
    }
    return undefined;
  }

  async #openFile(path: string): Promise<FileHandle | undefined> {
    try {
      const handle = await open(path, "r");
      this.#complaints.clear(path);
      return handle;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.#complaints.add(path, error);
      return undefined;
    }
  }

  #tellReplaced({ path, position }: Stream): void {
    this.#options.log.warn(
      `"${path}" holds other bytes than those read before (up to byte ${position}): it was replaced or cut. It is read from its start as a new file`,
      { path, position },
    );
  }

  #tellEmpty(): void {
    if (this.#toldEmpty) return;
    this.#toldEmpty = true;
    this.#options.log.warn(`no file matches ${this.#options.include.map((glob) => `"${glob}"`).join(", ")} yet`);
  }
}

const keyOf = ({ device, inode }: Found): string => `${device}:${inode}`;

/** Files that lost their path before the one that has it; then the older first. */
const byAge = (a: Stream, b: Stream): number => {
  const left = Number(b.path !== b.family || b.leaving !== "no") - Number(a.path !== a.family || a.leaving !== "no");
  if (left !== 0) return left;
  return a.modified === b.modified ? (a.path < b.path ? -1 : 1) : a.modified < b.modified ? -1 : 1;
};
