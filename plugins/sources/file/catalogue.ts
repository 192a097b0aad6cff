import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Clock, Reading } from "weir";
import { type Found, keyOf, lookOf } from "./find.ts";
import { Look } from "./look.ts";
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
      const families = [...this.#streams.values(), ...this.#displaced].map(({ family }) => family);
      const look = await Look.take({ ...this.#options, families, isHeld: this.#isHeld, isLast: looks === maxLooks });
      yield* this.#compare(look);
      if (!look.isToBeRepeated) return yield* this.#conclude(look);
    }
  }

  readonly #isHeld = (file: Found, handle: FileHandle): boolean => this.#streams.get(keyOf(file))?.handle === handle;

  /** Finds every file's stream, until the files turn out to be others by now. */
  async *#compare(look: Look): AsyncGenerator<Reading> {
    const known = new Set<Found>();
    for (const file of look.found) if (await this.#recognise(file, look)) known.add(file);
    for (const file of look.found) {
      // A copy is looked at again when the file that it may be a copy of was cut.
      const copy = this.#later.has(keyOf(file)) || this.#streams.get(keyOf(file))?.state === "copy";
      if (!(copy && this.stale) && known.has(file)) continue;
      if (look.isToBeRepeated) return;
      yield* this.#meet(file, look);
    }
  }

  async *#conclude(look: Look): AsyncGenerator<Reading> {
    const { report, include, follow } = this.#options;
    yield* this.#dropDisplaced();
    yield* this.#settle(look);
    if (look.found.length === 0) report.nothingFound(include, follow);
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
  async #recognise(file: Found, look: Look): Promise<boolean> {
    const known = this.#streams.get(keyOf(file));
    if (known?.handle) known.place(file);
    if (known?.handle || (known?.look ?? this.#later.get(keyOf(file))) === lookOf(file)) return true;
    if (!known) return false;
    const isStill = await look.open(
      file,
      async (handle) => (await known.isStill(file, handle)) && known.resume(file, handle),
    );
    if (isStill === false) {
      // Its copy may have been made after the copies were looked for.
      look.outdated = true;
      this.#displace(known);
    }
    return isStill !== false;
  }

  /** A file with an inode that no stream has: one that was moved or compressed, a copy of one, or a new one. */
  async *#meet(file: Found, look: Look): AsyncGenerator<Reading> {
    // There is nothing to tell it by yet.
    if (file.rotated && file.size === 0) return;
    const copy = this.#streams.get(keyOf(file));
    const readings = await look.open(file, async (handle) => {
      const missing = [...this.#streams.values()].filter(({ key, handle }) => !handle && !look.present.has(key));
      const free = new Set([...this.#displaced, ...(copy ? [] : missing)]);
      const held = copy || this.#first ? [] : [...this.#streams.values()].filter((stream) => !free.has(stream));
      const { stream, as } = await findOwner(file, handle, free, held);
      if (as === "own") return [...(copy ? [forget(copy)] : []), ...(await this.#move(stream, file, handle, look))];
      if (copy || as === "unclear") return [];
      if (as === "later") return this.#postpone(file, stream, handle, look);
      if (as === "copy") return this.#begin(file, handle, "copy");
      if (await this.#mayBeCopyOfNew(file, handle, look)) return this.#first ? this.#begin(file, handle, "copy") : [];
      if (!this.#first && !file.rotated) await look.noticeRotations();
      if (look.isToBeRepeated) return [];
      return this.#begin(file, handle, this.#isOld(file) ? "ignored" : "open");
    });
    yield* readings ?? [];
  }

  /** It may have been made of a file that is new as well, and is not cut yet: that one is read, and tells at the next look. */
  async #mayBeCopyOfNew(file: Found, handle: FileHandle, look: Look): Promise<boolean> {
    const original = look.found.find(({ path, rotated }) => path === file.family && !rotated);
    if (!original || !file.rotated || this.#streams.has(keyOf(original))) return false;
    return (await look.open(original, (other) => mayBeCopy(handle, other))) ?? false;
  }

  /** From before the very first start, and not to be read. */
  #isOld({ rotated, compressed }: Found): boolean {
    return this.#first && (rotated || (compressed && this.#options.readFrom === "end"));
  }

  async #move(stream: Stream, file: Found, handle: FileHandle, look: Look): Promise<readonly Reading[]> {
    this.remove(stream);
    if (!(await stream.resume(file, handle))) {
      look.outdated = true;
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
  async #postpone(file: Found, stream: Stream, handle: FileHandle, look: Look): Promise<readonly Reading[]> {
    const now = this.#options.clock.now();
    const hasFile = stream.handle !== undefined || look.present.has(stream.key);
    if (hasFile) this.#later.set(keyOf(file), lookOf(file));
    if (hasFile || now - (stream.missingSince ?? now) < forgetAfter) return [];
    // It stays cut, or broken, within what was read before: there is nothing more to be had.
    this.#options.report.broken(file.path, stream.position);
    stream.state = "ended";
    return this.#move(stream, file, handle, look);
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
  async *#settle({ found, present }: Look): AsyncGenerator<Reading> {
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

const forget = (stream: Stream): Reading => stream.reading(undefined, { end: true, forget: true });
