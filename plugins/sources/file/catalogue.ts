import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Clock, Reading } from "weir";
import { type Found, findFiles, keyOf, lookOf } from "./find.ts";
import { openFound } from "./open-found.ts";
import { findOwner, mayBeCopy } from "./owner.ts";
import { lastLineStart } from "./print.ts";
import type { Report } from "./report.ts";
import { byAge, Stream } from "./stream.ts";

export interface CatalogueOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rotated: readonly string[] | undefined;
  readonly follow: boolean;
  readonly readFrom: "beginning" | "end";
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly clock: Clock;
  readonly report: Report;
}

/** How long a closed file has to be missing before its checkpoint is dropped: a volume may be mounted again. */
const forgetAfter = 60_000;

/** Files that are renamed faster than they can be looked at are read all the same then, in whatever order. */
const maxLooks = 50;

/** Knows every stream by its file, finds each again in what is on disk now, and says which are to be read. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #streams = new Map<string, Stream>();
  /** Compressed files of streams that are still read from elsewhere, as they looked: not to be read now. */
  readonly #later = new Map<string, string>();
  /** Their inodes belong to other bytes now; within a scan they may be found elsewhere. */
  readonly #displaced = new Set<Stream>();
  /** Files were moved, removed or cut since they were found: another look may find an older one to begin with. */
  #outdated = false;
  #isLastLook = false;
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

  /** A file was cut: what is on disk has to be looked at before anything more is read. */
  get stale(): boolean {
    return this.#displaced.size > 0;
  }

  /** Looks what is on disk now; yields what the checkpoints have to know of it. */
  async *scan(): AsyncGenerator<Reading> {
    for (let looks = 1; looks <= maxLooks; looks++) {
      this.#isLastLook = looks === maxLooks;
      if (yield* this.#look()) return;
    }
  }

  async *#look(): AsyncGenerator<Reading, boolean> {
    this.#outdated = false;
    const { report, include, follow } = this.#options;
    const found = await this.#find();
    const present = new Set(found.map((file) => keyOf(file)));
    const known = new Set<Found>();
    for (const file of found) if (await this.#recognise(file)) known.add(file);
    for (const file of found) {
      // A copy is looked at again when the file that it may be a copy of was cut.
      const copy = this.#later.has(keyOf(file)) || this.#streams.get(keyOf(file))?.state === "copy";
      if (!(copy && this.stale) && known.has(file)) continue;
      if (this.#isToBeRepeated) return false;
      yield* this.#meet(file, found, present);
    }
    if (this.#isToBeRepeated) return false;
    yield* this.#dropDisplaced();
    yield* this.#settle(found, present);
    if (found.length === 0) report.nothingFound(include, follow);
    this.#first = false;
    return true;
  }

  #find(): Promise<Found[]> {
    const families = [...this.#streams.values(), ...this.#displaced].map(({ family }) => family);
    const vanished = () => {
      this.#outdated = true;
    };
    return findFiles({ ...this.#options, families, complain: this.#options.report.unreadable, vanished });
  }

  /** A log that was rotated twice meanwhile may have the inode that it had: only the names of the others tell. */
  async #tellRotations(found: readonly Found[]): Promise<void> {
    if (namesOfRotated(await this.#find()) !== namesOfRotated(found)) this.#outdated = true;
  }

  get #isToBeRepeated(): boolean {
    return this.#outdated && !this.#isLastLook;
  }

  /** The first stream of each family that has something to read. */
  next(): Stream[] {
    const chosen = new Map<string, Stream>();
    for (const stream of this.open) {
      if (!stream.drained && !chosen.has(stream.family)) chosen.set(stream.family, stream);
    }
    return [...chosen.values()];
  }

  /** The stream's file holds other bytes now: they are a new stream, and what was not read may be in a copy. */
  async displace(stream: Stream): Promise<void> {
    stream.cut = true;
    await stream.close().catch(() => undefined);
    this.#displace(stream);
  }

  #displace(stream: Stream): void {
    this.remove(stream);
    stream.displaced = true;
    this.#displaced.add(stream);
  }

  remove(stream: Stream): void {
    if (this.#streams.get(stream.key) === stream) this.#streams.delete(stream.key);
  }

  /** The stream was read to its end: a compressed file of it has its place on disk from now on. */
  ended(): void {
    this.#later.clear();
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

  /** Whether the file needs no more thought: it is the stream's that had its inode, or cannot be read now. */
  async #recognise(file: Found): Promise<boolean> {
    const known = this.#streams.get(keyOf(file));
    const look = lookOf(file);
    if (known?.handle) known.place(file);
    if (known?.handle || (known?.look ?? this.#later.get(keyOf(file))) === look) return true;
    if (!known) return false;
    const found = await this.#withFile(
      file,
      async (handle) => (await known.isStill(file, handle)) && known.resume(file, handle),
    );
    if (found === false) {
      // Its copy may have been made after the copies were looked for.
      this.#outdated = true;
      this.#displace(known);
    }
    return found !== false;
  }

  /** A file with an inode that no stream has: one that was moved or compressed, a copy of one, or a new one. */
  async *#meet(file: Found, found: readonly Found[], present: ReadonlySet<string>): AsyncGenerator<Reading> {
    // There is nothing to tell it by yet.
    if (file.rotated && file.size === 0) return;
    const copy = this.#streams.get(keyOf(file));
    const readings = await this.#withFile(file, async (handle) => {
      const missing = [...this.#streams.values()].filter(({ key, handle }) => !handle && !present.has(key));
      const free = new Set([...this.#displaced, ...(copy ? [] : missing)]);
      const held = copy || this.#first ? [] : [...this.#streams.values()].filter((stream) => !free.has(stream));
      const { stream, as } = await findOwner(file, handle, free, held);
      if (as === "own") return [...(copy ? [forget(copy)] : []), ...(await this.#move(stream, file, handle))];
      if (copy || as === "unclear") return [];
      if (as === "later") return this.#postpone(file, stream, handle, present);
      if (as === "copy") return this.#begin(file, handle, "copy");
      if (await this.#mayBeCopyOfNew(file, handle, found)) return this.#first ? this.#begin(file, handle, "copy") : [];
      if (!this.#first && !file.rotated) await this.#tellRotations(found);
      if (this.#isToBeRepeated) return [];
      return this.#begin(file, handle, this.#isOld(file) ? "ignored" : "open");
    });
    yield* readings ?? [];
  }

  /** It may have been made of a file that is new as well, and is not cut yet: that one is read, and tells at the next look. */
  async #mayBeCopyOfNew(file: Found, handle: FileHandle, found: readonly Found[]): Promise<boolean> {
    const original = found.find(({ path, rotated }) => path === file.family && !rotated);
    if (!original || !file.rotated || this.#streams.has(keyOf(original))) return false;
    return (await this.#withFile(original, (other) => mayBeCopy(handle, other))) ?? false;
  }

  /** From before the very first start, and not to be read. */
  #isOld({ rotated, compressed }: Found): boolean {
    return this.#first && (rotated || (compressed && this.#options.readFrom === "end"));
  }

  async #withFile<T>(file: Found, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    const handle = await openFound(file, this.#options.report);
    if (typeof handle === "string") {
      this.#outdated ||= handle === "gone";
      return undefined;
    }
    try {
      return await use(handle);
    } catch (error) {
      this.#options.report.unreadable(file.path, error);
      return undefined;
    } finally {
      if (this.#streams.get(keyOf(file))?.handle !== handle) await handle.close();
    }
  }

  async #move(stream: Stream, file: Found, handle: FileHandle): Promise<readonly Reading[]> {
    this.remove(stream);
    if (!(await stream.resume(file, handle))) {
      this.#outdated = true;
      return [];
    }
    this.#displaced.delete(stream);
    this.#streams.set(stream.key, stream);
    this.#later.delete(keyOf(file));
    if (stream.cut) this.#options.report.copied(stream, file);
    stream.cut = stream.displaced = false;
    // Its checkpoint names another file, which another stream's checkpoint may soon name as well.
    return [stream.reading(undefined, stream.handle ? {} : { end: true })];
  }

  /** The compressed file is not to be read now: it is still written, or what it was made of is still read. */
  async #postpone(
    file: Found,
    stream: Stream,
    handle: FileHandle,
    present: ReadonlySet<string>,
  ): Promise<readonly Reading[]> {
    const now = this.#options.clock.now();
    const hasFile = stream.handle !== undefined || present.has(stream.key);
    if (hasFile) this.#later.set(keyOf(file), lookOf(file));
    if (hasFile || now - (stream.missingSince ?? now) < forgetAfter) return [];
    // It stays cut, or broken, within what was read before: there is nothing more to be had.
    this.#options.report.broken(file.path, stream.position);
    stream.state = "ended";
    return this.#move(stream, file, handle);
  }

  /** Streams whose inode holds other bytes now, and whose own bytes are nowhere else. */
  async *#dropDisplaced(): AsyncGenerator<Reading> {
    for (const stream of this.#displaced) {
      this.#displaced.delete(stream);
      if (stream.cut) this.#options.report.cut(stream);
      else if (stream.state === "open") this.#options.report.replaced(stream);
      yield forget(stream);
    }
  }

  /** A new stream; with what its checkpoint has to say before anything of it is read. */
  async #begin(file: Found, handle: FileHandle, state: "open" | "ignored" | "copy"): Promise<readonly Reading[]> {
    const stream = new Stream(file.family, file);
    stream.place(file);
    const { size } = await handle.stat();
    const atEnd = this.#first && this.#options.readFrom === "end";
    if (state !== "open" && file.compressed) await stream.identify(handle);
    else await stream.open(handle, state !== "open" ? size : atEnd ? await lastLineStart(handle, size) : 0);
    this.#streams.set(stream.key, stream);
    if (state === "open") return atEnd ? [stream.reading()] : [];
    stream.handle = undefined;
    stream.state = state;
    return [stream.reading(undefined, { end: true })];
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
    stream.missingSince ??= now;
    if (now - stream.missingSince < forgetAfter) return;
    if (stream.state === "open") this.#options.report.lost(stream);
    yield forget(stream);
    this.remove(stream);
  }
}

const namesOfRotated = (found: readonly Found[]): string =>
  found
    .filter(({ rotated }) => rotated)
    .map((file) => `${keyOf(file)} ${file.path}`)
    .sort()
    .join("\n");

const forget = (stream: Stream): Reading => stream.reading(undefined, { end: true, forget: true });
