import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { DeliveryError } from "../plugin.ts";
import { connectStream } from "./connect.ts";
import { endpointText, type Target, type UdpEndpoint } from "./endpoint.ts";
import type { SocketClientConfig } from "./options.ts";

/** How long to wait at the end until the receiver has closed, too, in milliseconds. */
const goodbyeTime = 1_000;
/** How long a round trip to the receiver is taken to be, at least and at most, in milliseconds. */
const [shortestRoundTrip, longestRoundTrip] = [2, 1_000];

/**
 * Writes to a connection for streams, which is made on demand. A receiver that closed it, or asks for its end, is noticed
 * before the next write, and shortly after each one.
 */
export class StreamSender {
  readonly #target: Exclude<Target, UdpEndpoint>;
  readonly #config: SocketClientConfig;
  readonly #clock: Clock;
  #connection: Socket | undefined;
  #connecting: Promise<Socket> | undefined;

  constructor(target: Exclude<Target, UdpEndpoint>, config: SocketClientConfig, clock: Clock) {
    this.#target = target;
    this.#config = config;
    this.#clock = clock;
  }

  /**
   * Resolves when the system has taken all bytes and the connection still stands, or with `confirm` when the receiver has read
   * all of them. Rejects with a `DeliveryError` when it is not known that it has.
   */
  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#config.confirm) return this.#confirmed(bytes, signal);
    const socket = await this.#open(signal);
    await this.#finished(socket, signal, (done) => socket.write(bytes, (error) => !error && done()));
    // The answer of a receiver that had gone, which is a reset, is there by now.
    await nextTurn();
    if (!isOpen(socket)) throw this.#broken();
  }

  async check(signal: AbortSignal): Promise<void> {
    const socket = await connectStream(this.#target, this.#config, signal);
    socket.destroy();
  }

  /** Closes the connection, so that everything written to it arrives. */
  async close(): Promise<void> {
    const socket = (await this.#connecting?.catch(() => undefined)) ?? this.#connection;
    if (!socket || !isOpen(socket)) return;
    const closed = new AbortController();
    socket.once("close", () => closed.abort());
    socket.end();
    await this.#clock.sleep(goodbyeTime, closed.signal);
    socket.destroy();
  }

  async #confirmed(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const since = this.#clock.monotonic();
    const socket = await connectStream(this.#target, this.#config, signal);
    const roundTrip = this.#clock.monotonic() - since;
    await this.#finished(socket, signal, (done) => socket.write(bytes, (error) => !error && done()));
    // The end of a receiver that closed before the bytes arrived is here after a round trip: it is no answer to ours.
    await this.#clock.sleep(Math.min(longestRoundTrip, Math.max(shortestRoundTrip, roundTrip)), signal);
    // A busy process is woken before it has looked at its connections.
    await nextTurn();
    if (!isOpen(socket)) throw this.#broken();
    // A receiver that closes while there is something it has not read resets the connection.
    await this.#finished(socket, signal, (done) => {
      socket.once("close", (hadError: boolean) => !hadError && socket.writableFinished && done());
      socket.end();
    });
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    if (this.#connection && isOpen(this.#connection)) return this.#connection;
    this.#connecting ??= connectStream(this.#target, this.#config, signal).finally(() => {
      this.#connecting = undefined;
    });
    const socket = await this.#connecting;
    // What is written after the receiver's end is lost.
    socket.once("end", () => socket.destroy());
    this.#connection = socket;
    return socket;
  }

  /** Rejects when the connection ends first, or `signal` aborts: then the connection is closed, since half a message may be in it. */
  #finished(socket: Socket, signal: AbortSignal, begin: (done: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const clean = () => {
        signal.removeEventListener("abort", giveUp);
        socket.off("close", fail);
      };
      const fail = () => {
        clean();
        reject(this.#broken());
      };
      const giveUp = () => {
        clean();
        socket.destroy();
        reject(new DeliveryError(`${endpointText(this.#target)} did not accept the whole write in time`));
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener("abort", giveUp, { once: true });
      begin(() => {
        clean();
        resolve();
      });
      socket.once("close", fail);
    });
  }

  #broken(): DeliveryError {
    return new DeliveryError(`${endpointText(this.#target)} closed the connection`);
  }
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.writable && !socket.readableEnded;
