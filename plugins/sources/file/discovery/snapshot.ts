import { type FileHandle, open } from "node:fs/promises";
import type { SourceLog } from "../report.ts";
import { type FoundFile, fileKey, findFiles, type Search } from "./find-files.ts";

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
  /** In reading order. */
  files: readonly FoundFile[] = [];
  /** The `fileKey` of each file. */
  keys: ReadonlySet<string> = new Set();
  /** Files were moved, removed or truncated after the snapshot: a new one may show an older file to read first. */
  outdated = false;

  private constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  static async take(options: SnapshotOptions): Promise<Snapshot> {
    const snapshot = new Snapshot(options);
    snapshot.files = await snapshot.#find();
    snapshot.keys = new Set(snapshot.files.map((file) => fileKey(file)));
    return snapshot;
  }

  get mustRepeat(): boolean {
    return this.outdated && !this.#options.isLast;
  }

  /** Opens the file and returns what `use` returns, or `undefined` if the file is gone or cannot be read. */
  async open<T>(file: FoundFile, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    const { report, isInUse } = this.#options;
    const handle = await openFound(file, report);
    if (typeof handle === "string") {
      this.outdated ||= handle === "gone";
      return undefined;
    }
    try {
      return await use(handle);
    } catch (error) {
      report.unreadable(file.path, error);
      return undefined;
    } finally {
      if (!isInUse(file, handle)) await handle.close();
    }
  }

  /**
   * Marks the snapshot as outdated if files have been rotated since. A log that was rotated twice in the meantime may
   * have its old inode again, so only the names of the rotated files show it.
   */
  async checkForRotations(): Promise<void> {
    if (rotatedNames(await this.#find()) !== rotatedNames(this.files)) this.outdated = true;
  }

  #find(): Promise<readonly FoundFile[]> {
    const onVanished = () => {
      this.outdated = true;
    };
    return findFiles({ ...this.#options, onError: this.#options.report.unreadable, onVanished });
  }
}

const rotatedNames = (files: readonly FoundFile[]): string =>
  files
    .filter(({ rotated }) => rotated)
    .map((file) => `${fileKey(file)} ${file.path}`)
    .sort()
    .join("\n");

/** `gone` means that the path no longer exists or leads to another file. */
const openFound = async (file: FoundFile, report: SourceLog): Promise<FileHandle | "gone" | "unreadable"> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.path, "r");
    const { dev, ino } = await handle.stat({ bigint: true });
    report.readable(file.path);
    if (fileKey({ device: String(dev), inode: String(ino) }) === fileKey(file)) return handle;
    await handle.close();
    return "gone";
  } catch (error) {
    await handle?.close();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    report.unreadable(file.path, error);
    return "unreadable";
  }
};
