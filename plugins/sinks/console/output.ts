import { write } from "node:fs";
import { promisify } from "node:util";
import type { Clock } from "weir";

const writeTo = promisify(write);

/**
 * Writes all of `bytes` to an open descriptor, and waits for a slow reader without blocking the event loop, as
 * `process.stdout` would. Gives up if `signal` aborts while it waits.
 */
export const writeAll = async (
  descriptor: number,
  bytes: Uint8Array,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    try {
      const { bytesWritten } = await writeTo(descriptor, bytes, done, bytes.length - done);
      done += bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") throw new Error("standard output is closed: the program that reads it has exited");
      if (code !== "EAGAIN" || signal.aborted) throw error;
      await clock.sleep(5, signal);
    }
  }
};
