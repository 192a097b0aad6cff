import type { FileHandle } from "node:fs/promises";
import { type Found, findFiles, keyOf, type Search } from "./find.ts";
import { openFound } from "./open-found.ts";
import type { Report } from "./report.ts";

export interface LookOptions extends Omit<Search, "complain" | "vanished"> {
  readonly report: Report;
  /** Whether somebody reads on from this handle of the file; it is closed otherwise. */
  readonly isHeld: (file: Found, handle: FileHandle) => boolean;
  /** Nobody will look again, so that what was found has to do. */
  readonly isLast: boolean;
}

/** What was on disk at one moment, and whether it still is. */
export class Look {
  readonly #options: LookOptions;
  /** Oldest first. */
  found: readonly Found[] = [];
  /** The files that are there, as `keyOf` says them. */
  present: ReadonlySet<string> = new Set();
  /** Files were moved, removed or cut since they were found: another look may find an older one to begin with. */
  outdated = false;

  private constructor(options: LookOptions) {
    this.#options = options;
  }

  static async take(options: LookOptions): Promise<Look> {
    const look = new Look(options);
    look.found = await look.#find();
    look.present = new Set(look.found.map((file) => keyOf(file)));
    return look;
  }

  get isToBeRepeated(): boolean {
    return this.outdated && !this.#options.isLast;
  }

  /** What `use` makes of the open file; `undefined` when it is gone or cannot be read. */
  async open<T>(file: Found, use: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
    const { report, isHeld } = this.#options;
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
      if (!isHeld(file, handle)) await handle.close();
    }
  }

  /** A log that was rotated twice meanwhile may have the inode that it had: only the names of the others tell. */
  async noticeRotations(): Promise<void> {
    if (namesOfRotated(await this.#find()) !== namesOfRotated(this.found)) this.outdated = true;
  }

  #find(): Promise<readonly Found[]> {
    const vanished = () => {
      this.outdated = true;
    };
    return findFiles({ ...this.#options, complain: this.#options.report.unreadable, vanished });
  }
}

const namesOfRotated = (found: readonly Found[]): string =>
  found
    .filter(({ rotated }) => rotated)
    .map((file) => `${keyOf(file)} ${file.path}`)
    .sort()
    .join("\n");
