import type { EventEmitter } from "node:events";
import { longestTimer } from "../clock.ts";
import { DeliveryError } from "../delivery-error.ts";
import { networkWords } from "../http-client/network-words.ts";

/** An attempt to connect, for the code that handles the socket's events. */
export interface Attempt {
  /** Ends the attempt. Without an error, the connection is open. */
  readonly settle: (error?: Error) => void;
  /** From now on, errors of the socket do not end the attempt, because `settle` will be called with more detail. */
  readonly ignoreErrors: () => void;
}

interface AttemptOptions<S> {
  /** The address, for messages. */
  readonly target: string;
  /** In milliseconds. */
  readonly connect_timeout: number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /** Closes a socket that did not connect, at once. */
  readonly destroy: (socket: S) => void;
  /** Says what an error means. */
  readonly words?: (error: Error, target: string) => string;
}

/**
 * Resolves with the open connection that `begin` starts, whose errors are then ignored: a close follows each, which the owner
 * handles. Rejects with a `DeliveryError` if it cannot connect, or not in time.
 */
export const attempt = <S extends EventEmitter>(
  begin: (attempt: Attempt) => S,
  { target, connect_timeout, signal: stop, destroy, words = networkWords }: AttemptOptions<S>,
): Promise<S> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.min(connect_timeout, longestTimer))]);
    if (signal.aborted) return reject(new DeliveryError(`cannot connect to ${target}: no time left`));
    const ignoreErrors = () => void socket.off("error", fail).on("error", () => undefined);
    const settle = (error?: Error) => {
      signal.removeEventListener("abort", giveUp);
      ignoreErrors();
      if (!error) return resolve(socket);
      reject(error);
      destroy(socket);
    };
    const fail = (error: Error) => settle(new DeliveryError(`cannot connect: ${words(error, target)}`));
    const giveUp = () => settle(new DeliveryError(`cannot connect to ${target} in time`));
    const socket = begin({ settle, ignoreErrors });
    signal.addEventListener("abort", giveUp, { once: true });
    socket.on("error", fail);
  });
