import { write } from "node:fs";
import { promisify } from "node:util";
import { type Clock, DeliveryError } from "weir";

const writeTo = promisify(write);

/**
 * Writes all of `bytes` to an open descriptor, and waits for a slow reader without blocking the event loop, as
 * `process.stdout` would. Gives up if `signal` aborts while it waits, and reports a reader that has gone.
 */
export const writeAll = async (
  descriptor: number,
  bytes: Uint8Array,
  { clock, signal, isTerminal }: { readonly clock: Clock; readonly signal: AbortSignal; readonly isTerminal: boolean },
): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    try {
      const { bytesWritten } = await writeTo(descriptor, bytes, done, bytes.length - done);
      done += bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") throw gone("the program that reads standard output has exited");
      if (code === "EIO" && isTerminal) throw gone("the terminal was closed");
      if (code !== "EAGAIN" || signal.aborted) throw error;
      await clock.sleep(5, signal);
    }
  }
};

const gone = (message: string) => new DeliveryError(message, { gone: true });
