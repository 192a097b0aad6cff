import type { FileHandle } from "node:fs/promises";
import type { SourceLog } from "../report.ts";
import { breathe } from "./breathe.ts";
import { type FoundFile, fileKey, findFiles, findRotated, type Search } from "./find-files.ts";
import { openFile } from "./open-file.ts";

export interface SnapshotOptions extends Omit<Search, "onError" | "onVanished"> {
  readonly report: SourceLog;
  /** Whether a stream reads from this handle. If not, the snapshot closes it. */
  readonly isInUse: (file: FoundFile, handle: FileHandle) => boolean;
  /** No further snapshot will follow, so this one has to do even if it is outdated. */
  readonly isLast: boolean;
}

/** The files that were on disk at one moment, and whether they have changed since. */
export class Snapshot {
  readonly #options: SnapshotOptions;
  readonly #kept = new Set<FileHandle>();
  /** In reading order. */
  files: readonly FoundFile[] = [];
  /** The `fileKey` of each file. */
  keys: ReadonlySet<string> = new Set();
  /** The logs, by path. */
  logs: ReadonlyMap<string, FoundFile> = new Map();
  /** Files were moved, removed or truncated after the snapshot: a new one may show an older file to read first. */
  outdated = false;

  private constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  static async take(options: SnapshotOptions): Promise<Snapshot> {
    const snapshot = new Snapshot(options);
    snapshot.files = await findFiles(snapshot.#search);
    await breathe(snapshot.files.length);
    snapshot.keys = new Set(snapshot.files.map((file) => fileKey(file)));
    snapshot.logs = new Map(snapshot.files.filter(({ rotated }) => !rotated).map((file) => [file.path, file]));
    return snapshot;
  }

  get mustRepeat(): boolean {
    return this.outdated && !this.#options.isLast;
  }

  /** Opens the file and returns what `use` returns, or `undefined` if the file is gone or cannot be read. */
  async open<T>(file: FoundFile, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    const handle = await openFound(file, this.#options.report);
    if (typeof handle !== "string") return this.use(file, handle, () => use(handle));
    this.outdated ||= handle === "gone";
    return undefined;
  }

  /** The same with a file that was kept open. */
  async use<T>(file: FoundFile, handle: FileHandle, use: () => Promise<T>): Promise<T | undefined> {
    const { report, isInUse } = this.#options;
    this.#kept.delete(handle);
    try {
      return await use();
    } catch (error) {
      report.unreadable(file.path, error);
      return undefined;
    } finally {
      if (!isInUse(file, handle) && !this.#kept.has(handle)) await handle.close();
    }
  }

  /** Whoever calls this closes the file. */
  keepOpen(handle: FileHandle): void {
    this.#kept.add(handle);
  }

  /**
   * Marks the snapshot as outdated if files of these logs have been rotated since. A log that was rotated twice in the
   * meantime may have its old inode again, so only the names of the rotated files show it.
   */
  async checkForRotations(logPaths: ReadonlySet<string>): Promise<void> {
    const search = this.#search;
    const files = search.rotated ? await findFiles(search) : await findRotated(search, logPaths);
    if (rotatedNames(files, logPaths) !== rotatedNames(this.files, logPaths)) this.outdated = true;
  }

  get #search(): Search {
    const onVanished = () => {
      this.outdated = true;
    };
    return { ...this.#options, onError: this.#options.report.unreadable, onVanished };
  }
}

const rotatedNames = (files: readonly FoundFile[], logPaths: ReadonlySet<string>): string =>
  files
    .filter(({ rotated, logPath }) => rotated && logPaths.has(logPath))
    .map((file) => `${fileKey(file)} ${file.path}`)
    .sort()
    .join("\n");

/** `gone` means that the path no longer exists or leads to another file. */
const openFound = async (file: FoundFile, report: SourceLog): Promise<FileHandle | "gone" | "unreadable"> => {
  try {
    const handle = await openFile(file.path, fileKey(file));
    report.readable(file.path);
    return handle;
  } catch (error) {
    report.unreadable(file.path, error);
    return "unreadable";
  }
};
