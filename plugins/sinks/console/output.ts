import { write } from "node:fs";
import { promisify } from "node:util";
import type { Clock } from "weir";

const writeTo = promisify(write);

/**
 * Writes all of `bytes` to an open descriptor, waiting while a slow reader does not take them: outside the event loop,
 * which `process.stdout` would hold up. Gives up when `signal` aborts while it waits for room.
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
      if (code === "EPIPE") throw new Error("standard output is closed: the program that read it has ended");
      if (code !== "EAGAIN" || signal.aborted) throw error;
      await clock.sleep(5, signal);
    }
  }
};
