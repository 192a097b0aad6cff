import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Clock, Reading } from "weir";
import { type Found, findFiles, keyOf, lookOf } from "./find.ts";
import { openFound } from "./open-found.ts";
import { lastLineStart } from "./print.ts";
import type { Report } from "./report.ts";
import { byAge, Stream } from "./stream.ts";

export interface CatalogueOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rotated: readonly string[] | undefined;
  readonly readFrom: "beginning" | "end";
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly clock: Clock;
  readonly report: Report;
}

/** How long a closed file has to be missing before its checkpoint is dropped: a volume may be mounted again. */
const forgetAfter = 60_000;

/** Knows every stream by its file, finds each again in what is on disk now, and says which are to be read. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #streams = new Map<string, Stream>();
  /** Copies of files that are streams already, as they looked: not to be read. */
  readonly #copies = new Map<string, string>();
  /** Their inodes belong to other files now; within a scan they may be found elsewhere. */
  readonly #displaced = new Set<Stream>();
  /** Nothing was read before: older rotated files are not read, `read_from` counts. */
  #first: boolean;

  constructor(options: CatalogueOptions) {
    this.#options = options;
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
    const families = [...this.#streams.values()].map(({ family }) => family);
    const found = await findFiles({ ...this.#options, families, complain: this.#options.report.unreadable });
    const present = new Set(found.map((file) => keyOf(file)));
    const strangers: Found[] = [];
    for (const file of found) if (!(await this.#recognise(file))) strangers.push(file);
    for (const file of strangers) yield* this.#meet(file, present);
    yield* this.#dropDisplaced();
    yield* this.#settle(found, present);
    if (found.length === 0) this.#options.report.nothingFound(this.#options.include);
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
  restart(stream: Stream): void {
    const fresh = new Stream(stream.path, stream);
    fresh.handle = stream.handle;
    stream.handle = undefined;
    fresh.leaving = stream.leaving;
    fresh.modified = stream.modified;
    this.#streams.set(fresh.key, fresh);
  }

  remove(stream: Stream): void {
    if (this.#streams.get(stream.key) === stream) this.#streams.delete(stream.key);
  }

  /** Reading failed: the file is opened again at the next scan, if it is still there. */
  async fail(stream: Stream, error: unknown): Promise<void> {
    this.#options.report.unreadable(stream.path, error);
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
    const found = await this.#withFile(file, async (handle) => {
      const same = await known.matches(handle);
      if (same) await known.resume(file, handle);
      return same;
    });
    if (found === false) {
      this.#streams.delete(known.key);
      this.#displaced.add(known);
      this.#copies.clear();
    }
    return found !== false;
  }

  /** A file with an inode that no stream has: one that was moved, a copy of one, or a new one. */
  async *#meet(file: Found, present: ReadonlySet<string>): AsyncGenerator<Reading> {
    const reading = await this.#withFile(file, async (handle) => {
      const gone = [...this.#streams.values()].filter(({ key, handle }) => !handle && !present.has(key));
      const moved = await search(handle, [...this.#displaced, ...gone]);
      if (moved) await this.#move(moved, file, handle);
      else if (file.rotated && !this.#first && (await search(handle, this.#streams.values())))
        this.#copies.set(keyOf(file), lookOf(file));
      else return this.#begin(file, handle);
      return undefined;
    });
    if (reading) yield reading;
  }

  async #withFile<T>(file: Found, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    const handle = await openFound(file, this.#options.report);
    if (!handle) return undefined;
    try {
      return await use(handle);
    } catch (error) {
      this.#options.report.unreadable(file.path, error);
      return undefined;
    } finally {
      if (this.#streams.get(keyOf(file))?.handle !== handle) await handle.close();
    }
  }

  async #move(stream: Stream, file: Found, handle: FileHandle): Promise<void> {
    this.#displaced.delete(stream);
    this.remove(stream);
    await stream.resume(file, handle);
    this.#streams.set(stream.key, stream);
  }

  /** Streams whose inode is another file's now, and whose bytes are nowhere else. */
  async *#dropDisplaced(): AsyncGenerator<Reading> {
    for (const stream of this.#displaced) {
      this.#displaced.delete(stream);
      this.#options.report.replaced(stream);
      yield stream.reading(undefined, { end: true, forget: true });
    }
  }

  /** A new stream; with what its checkpoint has to say before anything of it is read. */
  async #begin(file: Found, handle: FileHandle): Promise<Reading | undefined> {
    const stream = new Stream(file.family, file);
    stream.place(file);
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
      const missing = !present.has(stream.key);
      if (missing || stream.leaving !== "no") stream.drained = false;
      if (stream.handle) await stream.watchLeaving(current.get(stream.family));
      else if (missing) yield* this.#miss(stream);
    }
  }

  async *#miss(stream: Stream): AsyncGenerator<Reading> {
    const now = this.#options.clock.now();
    if (stream.missingSince === undefined) this.#copies.clear();
    stream.missingSince ??= now;
    if (now - stream.missingSince < forgetAfter) return;
    if (stream.state === "open") this.#options.report.lost(stream);
    yield stream.reading(undefined, { end: true, forget: true });
    this.remove(stream);
  }
}

const search = async (handle: FileHandle, among: Iterable<Stream>): Promise<Stream | undefined> => {
  for (const stream of among) if (stream.recognisable && (await stream.matches(handle))) return stream;
  return undefined;
};
