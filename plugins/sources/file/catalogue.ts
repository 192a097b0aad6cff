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
  /** Their inodes belong to other files now; within a scan they may be found elsewhere. */
  readonly #displaced = new Set<Stream>();
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
    const strangers: Found[] = [];
    for (const file of found) if (!(await this.#recognise(file))) strangers.push(file);
    for (const file of strangers) yield* this.#meet(file, present);
    yield* this.#dropDisplaced();
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

  /** Whether the file needs no more thought: it is the stream's that had its inode, or a copy, or cannot be read now. */
  async #recognise(file: Found): Promise<boolean> {
    const known = this.#streams.get(keyOf(file));
    const look = lookOf(file);
    if (known?.handle) known.place(file);
    if (known?.handle || (known?.look ?? this.#copies.get(keyOf(file))) === look) return true;
    if (!known) return false;
    const same = await this.#withFile(file, async (handle) => {
      if (!(await known.matches(handle))) return false;
      await this.#resume(known, file, handle);
      return true;
    });
    if (same === false) {
      this.#streams.delete(known.key);
      this.#displaced.add(known);
      this.#copies.clear();
    }
    return same !== false;
  }

  /** A file with an inode that no stream has: one that was moved, a copy of one, or a new one. */
  async *#meet(file: Found, present: ReadonlySet<string>): AsyncGenerator<Reading> {
    const gone = () => [...this.#streams.values()].filter(({ key, handle }) => !handle && !present.has(key));
    const reading = await this.#withFile(file, async (handle) => {
      const moved = await search(handle, [...this.#displaced, ...gone()]);
      if (moved) await this.#move(moved, file, handle);
      else if (file.rotated && (await search(handle, this.#streams.values())))
        this.#copies.set(keyOf(file), lookOf(file));
      else return this.#begin(file, handle);
      return undefined;
    });
    if (reading) yield reading;
  }

  async #withFile<T>(file: Found, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    const handle = await this.#openFile(file.path);
    if (!handle) return undefined;
    try {
      // The path may have been given to another file since it was found; the next scan meets both.
      const { dev, ino } = await handle.stat({ bigint: true });
      return `${dev}:${ino}` === keyOf(file) ? await use(handle) : undefined;
    } catch (error) {
      this.#complaints.add(file.path, error);
      return undefined;
    } finally {
      if (this.#streams.get(keyOf(file))?.handle !== handle) await handle.close();
    }
  }

  async #move(stream: Stream, file: Found, handle: FileHandle): Promise<void> {
    this.#displaced.delete(stream);
    this.remove(stream);
    await this.#resume(stream, file, handle);
    this.#streams.set(stream.key, stream);
  }

  /** Streams whose inode is another file's now, and whose bytes are nowhere else. */
  async *#dropDisplaced(): AsyncGenerator<Reading> {
    for (const stream of this.#displaced) {
      this.#displaced.delete(stream);
      this.#tellReplaced(stream);
      yield stream.reading(undefined, { end: true, forget: true });
    }
  }

  async #resume(stream: Stream, file: Found, handle: FileHandle): Promise<void> {
    stream.place(file);
    stream.look = lookOf(file);
    const done = stream.state === "ignored" || (stream.state === "ended" && file.size === stream.position);
    if (done) return;
    stream.state = "open";
    await stream.open(handle);
  }

  /** A new stream; with what its checkpoint has to say before anything of it is read. */
  async #begin(file: Found, handle: FileHandle): Promise<Reading | undefined> {
    const stream = new Stream(file.family, file);
    stream.place(file);
    stream.look = lookOf(file);
    const ignored = this.#first && file.rotated;
    const atEnd = this.#first && this.#options.readFrom === "end";
    const { size } = await handle.stat();
    await stream.open(handle, ignored ? size : atEnd ? await lastLineStart(handle, size) : 0);
    this.#streams.set(stream.key, stream);
    if (!ignored) return atEnd ? stream.reading() : undefined;
    stream.handle = undefined;
    stream.state = "ignored";
    return stream.reading(undefined, { end: true });
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
    if (stream.missingSince === undefined) this.#copies.clear();
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

const lookOf = ({ path, size, modified }: Found): string => `${path} ${size} ${modified}`;

const search = async (handle: FileHandle, among: Iterable<Stream>): Promise<Stream | undefined> => {
  for (const stream of among) if (stream.recognisable && (await stream.matches(handle))) return stream;
  return undefined;
};

const keyOf = ({ device, inode }: Found): string => `${device}:${inode}`;

/** Files that lost their path before the one that has it; then the older first. */
const byAge = (a: Stream, b: Stream): number => {
  const left = Number(b.path !== b.family || b.leaving !== "no") - Number(a.path !== a.family || a.leaving !== "no");
  if (left !== 0) return left;
  return a.modified === b.modified ? (a.path < b.path ? -1 : 1) : a.modified < b.modified ? -1 : 1;
};
