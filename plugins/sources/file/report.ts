import { resolve } from "node:path";
import type { Log } from "weir";
import type { FoundFile } from "./discovery/find-files.ts";

const advice: Readonly<Record<string, string>> = {
  EACCES:
    "permission denied. Run weir as a user that can read it, or grant read access to the file and its directories",
  EMFILE: "too many open files. Raise the limit (ulimit -n) or include fewer files",
  ENFILE: "the system's limit on open files is reached. Raise fs.file-max or include fewer files",
};

interface Place {
  readonly path: string;
  readonly position: number;
}

/** Every message that the source logs. A lasting condition is logged once, and again when its reason changes. */
export class SourceLog {
  readonly #log: Log;
  /** Paths that cannot be read, with the error code that was logged. */
  readonly #unreadable = new Map<string, string>();
  #reportedNothingFound = false;

  constructor(log: Log) {
    this.#log = log;
  }

  readonly unreadable = (path: string, error: unknown): void => {
    const { code = "unknown", message } = error as NodeJS.ErrnoException;
    if (this.#unreadable.get(path) === code) return;
    this.#unreadable.set(path, code);
    const reason = advice[code] ?? message;
    this.#log.error(`cannot read "${path}": ${reason}. weir keeps trying`, { path, code });
  };

  readable(path: string): void {
    if (this.#unreadable.delete(path)) this.#log.info(`"${path}" can be read again`, { path });
  }

  readonly refusedLink = (path: string, target: string): void => {
    if (this.#unreadable.get(path) === target) return;
    this.#unreadable.set(path, target);
    this.#log.warn(
      `"${path}" is a symbolic link to "${target}" and is not followed: it belongs to another user than its target, or \`link_targets\` does not contain its target. To follow it, add the directory of its target to \`link_targets\``,
      { path, target },
    );
  };

  nothingFound(include: readonly string[], follow: boolean): void {
    if (this.#reportedNothingFound) return;
    this.#reportedNothingFound = true;
    const paths = include.map((glob) => `"${resolve(glob)}"`).join(", ");
    this.#log.warn(follow ? `no file matches ${paths} yet` : `no file matches ${paths}, so nothing was read`);
  }

  /** Files from before the first start that are not read. */
  leftOut(paths: readonly string[], follow: boolean): void {
    const [first, second] = paths;
    const [what, are, them] = paths.length === 1 ? ["a file", "is", "it"] : [`${paths.length} files`, "are", "them"];
    const examples = [first, second].flatMap((path) => (path === undefined ? [] : [`"${path}"`])).join(", ");
    const names = paths.length > 2 ? `, for example ${examples}` : ` (${examples})`;
    const message = `${what} of rotated or compressed logs ${are} not read because \`include\` does not match ${them}${names}. To read ${them}, start with an empty data dir and an \`include\` that matches ${them}`;
    if (follow) this.#log.info(message, { files: paths.length });
    else this.#log.warn(message, { files: paths.length });
  }

  /** The file was truncated while it was read, and there is no copy of it. */
  truncated({ path, position, largestSize }: Place & { readonly largestSize: number }): void {
    const unread = largestSize - position;
    const loss =
      unread > 0
        ? `${unread} bytes after byte ${position} were overwritten before they could be read`
        : "data written just before that may be lost";
    this.#log.error(
      `"${path}" was truncated (weir had read ${position} bytes), and no copy of it was found: ${loss}. weir reads it again from the start. To avoid data loss, rotate by renaming`,
      { path, position, ...(unread > 0 && { lost: unread }) },
    );
  }

  /** The stream continues in `copy`, which was made of its file before that was truncated. */
  continuedInCopy(stream: { logPath: string; position: number; largestSize: number }, copy: FoundFile): void {
    const { logPath, position, largestSize } = stream;
    const end = Math.max(position, copy.size);
    const lost = copy.compressed ? 0 : largestSize - end;
    if (lost <= 0)
      this.#log.info(`"${logPath}" was truncated; weir reads the rest from its copy "${copy.path}"`, {
        path: copy.path,
      });
    else
      this.#log.error(
        `"${logPath}" was truncated, and its copy "${copy.path}" is shorter than it was: ${lost} bytes after byte ${end} were overwritten before they could be read. To avoid data loss, rotate by renaming`,
        { path: copy.path, lost },
      );
  }

  /** Something was added to the stream's file, which had been read to its end. */
  grown({ path, position }: Place): void {
    this.#log.info(
      `"${path}" has grown after it was read to its end; weir continues at byte ${position} of its content`,
      {
        path,
        position,
      },
    );
  }

  /** The gzip file is truncated or corrupt at this position of its content. */
  brokenGzip(path: string, position: number): void {
    this.#log.error(
      `gzip file "${path}" is truncated or corrupt after ${position} bytes of decompressed data. weir has read the data before that; the rest is lost`,
      { path, position },
    );
  }

  /** The file has other content than before weir was stopped. */
  replaced({ path, position }: Place): void {
    this.#log.warn(
      `"${path}" no longer contains the ${position} bytes that weir has read: it was replaced or truncated. weir reads it from the start, as a new file`,
      { path, position },
    );
  }

  missing({ path, position }: Place): void {
    this.#log.warn(
      `"${path}" is gone (deleted, or no longer included): anything after byte ${position} was not read. Keep rotated files for longer than weir may be down`,
      { path, position },
    );
  }

  /** A file that was reported as missing was found again. */
  back({ path, position }: Place): void {
    this.#log.info(`"${path}" is there again; weir continues at byte ${position}`, { path, position });
  }
}
