import { constants, fstatSync, openSync, writeSync } from "node:fs";

/** How much is kept for a reader that pauses, in bytes. */
const mostKept = 1024 * 1024;
/** Time between two attempts to write what is kept, in milliseconds. */
const pause = 50;
/** How long to wait for the reader when the process ends, in milliseconds. */
const patience = 1_000;

/**
 * Opens the pipe behind a file descriptor again, so that writes to it never wait: whoever shares the descriptor does not notice.
 * `undefined` if it is no pipe, or if the system cannot do that.
 */
export const openPipe = (fd: number): number | undefined => {
  try {
    if (!fstatSync(fd).isFIFO() || process.platform !== "linux") return undefined;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
};

/**
 * Writes lines to a pipe at once, as long as its reader keeps up. What does not fit is kept, up to 1 MiB, and written later; more
 * is lost, and counted. So a reader that has stopped reading cannot stop the process.
 */
export class PipeLog {
  readonly #fd: number;
  readonly #told: (lost: number) => void;
  readonly #kept: Buffer[] = [];
  #bytes = 0;
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `fd` must not block. `told` is called with the number of lost lines when the reader has read all that was kept. */
  constructor(fd: number, told: (lost: number) => void) {
    this.#fd = fd;
    this.#told = told;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    // What is lost is one gap, so that one message can say where it was.
    if (this.#lost > 0 || (this.#bytes > 0 && this.#bytes + bytes.length > mostKept)) {
      this.#lost++;
      return;
    }
    this.#kept.push(bytes);
    this.#bytes += bytes.length;
    // Behind what is kept, a line waits for its turn.
    if (!this.#timer) this.#flush();
  }

  /** Writes what is kept before the process ends, unless the reader has stopped. */
  end(): void {
    const until = performance.now() + patience;
    while (this.#bytes > 0 && performance.now() < until) {
      this.#flush();
      if (this.#bytes > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (let first = this.#kept[0]; first; first = this.#kept[0]) {
      const written = this.#write(first);
      this.#bytes -= written;
      if (written === first.length) this.#kept.shift();
      else {
        this.#kept[0] = first.subarray(written);
        this.#timer = setTimeout(() => this.#flush(), pause).unref();
        return;
      }
    }
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.#told(lost);
  }

  /** The number of bytes that the pipe took. */
  #write(bytes: Buffer): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Nobody reads the messages any more: the run goes on without them.
      return code === "EAGAIN" || code === "EINTR" ? 0 : bytes.length;
    }
  }
}
