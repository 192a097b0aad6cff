import type { Log } from "weir";

const advice: Readonly<Record<string, string>> = {
  EACCES: "permission denied. Run weir as a user that may read it, or grant the right on the file and its directories",
  EMFILE: "too many open files. Raise the limit (ulimit -n) or include fewer files",
  ENFILE: "the machine has no open file left. Raise fs.file-max or include fewer files",
};

/** Says once what is wrong with a path, and again only after it was well or for another reason. */
export class Complaints {
  readonly #log: Log;
  readonly #open = new Map<string, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  readonly add = (path: string, error: unknown): void => {
    const { code = "unknown", message } = error as NodeJS.ErrnoException;
    if (this.#open.get(path) === code) return;
    this.#open.set(path, code);
    this.#log.error(`cannot read "${path}": ${advice[code] ?? message}; it is tried again until it can be read`, {
      path,
      code,
    });
  };

  clear(path: string): void {
    if (this.#open.delete(path)) this.#log.info(`"${path}" can be read again`, { path });
  }
}
