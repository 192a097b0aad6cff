import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Clock, Reading } from "weir";
import { type Found, keyOf, lookOf } from "./find.ts";
import { Look } from "./look.ts";
import { findOwner, mayBeCopy } from "./owner.ts";
import { lastLineStart } from "./print.ts";
import type { Report } from "./report.ts";
import { forget, forgetAfter, settle } from "./settle.ts";
import { Stream } from "./stream.ts";
import { Streams } from "./streams.ts";

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

/** Files that are renamed faster than they can be looked at are read all the same then, in whatever order. */
const maxLooks = 50;

/** Knows every stream by its file, finds each again in what is on disk now, and says which are to be read. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #streams = new Streams();
  /** Compressed files of streams that are still read from elsewhere, as they looked: not to be read now. */
  readonly #later = new Map<string, string>();
  /** Nothing was read before: older rotated files are not read, `read_from` counts. */
  #first: boolean;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    for (const [id, checkpoint] of options.checkpoints) this.#streams.add(Stream.fromCheckpoint(id, checkpoint));
    this.#first = this.#streams.all.every(({ state }) => state === "ignored");
  }

  get open(): Stream[] {
    return this.#streams.open;
  }

  get paths(): string[] {
    return this.#streams.all.map(({ path }) => path);
  }

  /** A file was cut: what is on disk has to be looked at before anything more is read. */
  get stale(): boolean {
    return this.#streams.displaced.size > 0;
  }

  /** Looks what is on disk now; yields what the checkpoints have to know of it. */
  async *scan(): AsyncGenerator<Reading> {
    const isHeld = (file: Found, handle: FileHandle) => this.#streams.isReadBy(file, handle);
    for (let looks = 1; looks <= maxLooks; looks++) {
      const { families } = this.#streams;
      const look = await Look.take({ ...this.#options, families, isHeld, isLast: looks === maxLooks });
      yield* this.#compare(look);
      if (!look.isToBeRepeated) return yield* this.#conclude(look);
    }
  }

  /** Finds every file's stream, until the files turn out to be others by now. */
  async *#compare(look: Look): AsyncGenerator<Reading> {
    const known = new Set<Found>();
    for (const file of look.found) if (await this.#recognise(file, look)) known.add(file);
    for (const file of look.found) {
      // A copy is looked at again when the file that it may be a copy of was cut.
      const copy = this.#later.has(keyOf(file)) || this.#streams.of(file)?.state === "copy";
      if (!(copy && this.stale) && known.has(file)) continue;
      if (look.isToBeRepeated) return;
      yield* this.#meet(file, look);
    }
  }

  async *#conclude(look: Look): AsyncGenerator<Reading> {
    const { report, include, follow } = this.#options;
    yield* settle({ ...this.#options, streams: this.#streams, look });
    if (look.found.length === 0) report.nothingFound(include, follow);
    this.#first = false;
  }

  /** The first stream of each family that has something to read. */
  next(): Stream[] {
    return this.#streams.next();
  }

  /** The stream's file holds other bytes now: they are a new stream, and what was not read may be in a copy. */
  async displace(stream: Stream): Promise<void> {
    stream.cut = true;
    await stream.close().catch(() => undefined);
    this.#streams.displace(stream);
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
    const known = this.#streams.of(file);
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
      this.#streams.displace(known);
    }
    return isStill !== false;
  }

  /** A file with an inode that no stream has: one that was moved or compressed, a copy of one, or a new one. */
  async *#meet(file: Found, look: Look): AsyncGenerator<Reading> {
    // There is nothing to tell it by yet.
    if (file.rotated && file.size === 0) return;
    const copy = this.#streams.of(file);
    const readings = await look.open(file, async (handle) => {
      const { all, displaced } = this.#streams;
      const missing = all.filter(({ key, handle }) => !handle && !look.present.has(key));
      const free = new Set([...displaced, ...(copy ? [] : missing)]);
      const held = copy || this.#first ? [] : all.filter((stream) => !free.has(stream));
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
    if (!original || !file.rotated || this.#streams.of(original)) return false;
    return (await look.open(original, (other) => mayBeCopy(handle, other))) ?? false;
  }

  /** From before the very first start, and not to be read. */
  #isOld({ rotated, compressed }: Found): boolean {
    return this.#first && (rotated || (compressed && this.#options.readFrom === "end"));
  }

  async #move(stream: Stream, file: Found, handle: FileHandle, look: Look): Promise<readonly Reading[]> {
    this.#streams.remove(stream);
    if (!(await stream.resume(file, handle))) {
      look.outdated = true;
      this.#streams.displace(stream);
      return [];
    }
    this.#streams.add(stream);
    this.#later.delete(keyOf(file));
    if (stream.cut) this.#options.report.copied(stream, file);
    stream.cut = false;
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

  /** A new stream; with what its checkpoint has to say before anything of it is read. */
  async #begin(file: Found, handle: FileHandle, state: "open" | "ignored" | "copy"): Promise<readonly Reading[]> {
    const stream = new Stream(file.family, file);
    stream.place(file);
    const youngest = this.#streams.youngest(file.family);
    if (!file.rotated && stream.age <= youngest) stream.age = youngest + 1n;
    const { size } = await handle.stat();
    const atEnd = this.#first && this.#options.readFrom === "end";
    if (state !== "open" && file.compressed) await stream.identify(handle);
    else await stream.open(handle, state !== "open" ? size : atEnd ? await lastLineStart(handle, size) : 0);
    this.#streams.add(stream);
    if (state === "open") return atEnd ? [stream.reading()] : [];
    stream.handle = undefined;
    stream.state = state;
    return [stream.reading(undefined, { end: true })];
  }
}
