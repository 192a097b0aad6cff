import { resolve } from "node:path";
import type { Log } from "weir";
import type { Found } from "./find.ts";

const advice: Readonly<Record<string, string>> = {
  EACCES: "permission denied. Run weir as a user that may read it, or grant the right on the file and its directories",
  EMFILE: "too many open files. Raise the limit (ulimit -n) or include fewer files",
  ENFILE: "the machine has no open file left. Raise fs.file-max or include fewer files",
};

interface Place {
  readonly path: string;
  readonly position: number;
}

/** What the source tells people. What lasts is said once, and again only after it was well or for another reason. */
export class Report {
  readonly #log: Log;
  readonly #unreadable = new Map<string, string>();
  #empty = false;

  constructor(log: Log) {
    this.#log = log;
  }

  readonly unreadable = (path: string, error: unknown): void => {
    const { code = "unknown", message } = error as NodeJS.ErrnoException;
    if (this.#unreadable.get(path) === code) return;
    this.#unreadable.set(path, code);
    const why = advice[code] ?? message;
    this.#log.error(`cannot read "${path}": ${why}; it is tried again until it can be read`, { path, code });
  };

  readable(path: string): void {
    if (this.#unreadable.delete(path)) this.#log.info(`"${path}" can be read again`, { path });
  }

  nothingFound(include: readonly string[], follow: boolean): void {
    if (this.#empty) return;
    this.#empty = true;
    const paths = include.map((glob) => `"${resolve(glob)}"`).join(", ");
    this.#log.warn(follow ? `no file matches ${paths} yet` : `no file matches ${paths}: nothing was read`);
  }

  cut({ path, position, seen }: Place & { readonly seen: number }): void {
    const unread = seen - position;
    const lost =
      unread > 0
        ? `${unread} bytes after byte ${position} were overwritten before they were read`
        : "what was written just before may be lost";
    this.#log.error(
      `"${path}" was cut while it was read (up to byte ${position}), and no copy of it was found: ${lost}. It is read again from its start; rotate by renaming instead`,
      { path, position, ...(unread > 0 && { lost: unread }) },
    );
  }

  /** `copy` was made of the file before it was cut. */
  copied({ position, seen, family }: Place & { readonly seen: number; readonly family: string }, copy: Found): void {
    const end = Math.max(position, copy.size);
    const lost = copy.compressed ? 0 : seen - end;
    if (lost <= 0)
      this.#log.info(`"${family}" was cut; what was not read of it is read from "${copy.path}"`, { path: copy.path });
    else
      this.#log.error(
        `"${family}" was cut, and its copy "${copy.path}" holds less: ${lost} bytes after byte ${end} were overwritten before they were read; rotate by renaming instead`,
        { path: copy.path, lost },
      );
  }

  broken(path: string, position: number): void {
    this.#log.error(
      `"${path}" is not a whole gzip file: it is cut or damaged after byte ${position} of its content. What comes before was read, what comes after is lost`,
      { path, position },
    );
  }

  replaced({ path, position }: Place): void {
    this.#log.warn(
      `"${path}" holds other bytes than those read before (up to byte ${position}): it was replaced or cut. It is read from its start as a new file`,
      { path, position },
    );
  }

  lost({ path, position }: Place): void {
    this.#log.warn(
      `"${path}" was not read to its end, and is gone or no longer included: what was written after byte ${position} is not read. Keep rotated files longer than weir may be down`,
      { path, position },
    );
  }
}
