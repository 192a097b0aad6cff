import type { Log } from "weir";

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

  nothingFound(include: readonly string[]): void {
    if (this.#empty) return;
    this.#empty = true;
    this.#log.warn(`no file matches ${include.map((glob) => `"${glob}"`).join(", ")} yet`);
  }

  cut({ path, position }: Place): void {
    this.#log.error(
      `"${path}" was cut while it was read (up to byte ${position}): what was written just before may be lost. It is read again from its start; rotate by renaming instead`,
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
