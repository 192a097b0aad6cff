import { type Clock, DeliveryError, type Log } from "weir";
import { connectWebSocket, Heartbeat, targetOf, type WebSocketClientConfig } from "weir/websocket";
import { Connection } from "./connection.ts";

export interface LinkOptions {
  readonly config: WebSocketClientConfig & { readonly acknowledge: boolean };
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the sink stops. */
  readonly signal: AbortSignal;
}

/** Longest message that the server may send: it sends only answers. */
const maxPayload = 1024 * 1024;
const goodbyeTime = 1_000;

/** The single connection of the sink, made on demand. */
export class Link {
  readonly #options: LinkOptions;
  readonly #heartbeat = new Heartbeat();
  readonly #closed = new AbortController();
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;

  constructor(options: LinkOptions) {
    const { config, clock } = options;
    this.#options = options;
    void this.#heartbeat.run(config.ping_interval, clock, this.#closed.signal);
  }

  /** Resolves with the open connection; rejects when it cannot be made, or `signal` aborts. Concurrent calls share it. */
  async connection(signal: AbortSignal): Promise<Connection> {
    if (this.#connection?.isOpen) return this.#connection;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    const decided = new AbortController();
    try {
      return await Promise.race([this.#connecting, timeUp(signal, decided.signal)]);
    } finally {
      decided.abort();
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const { socket } = (await this.#connecting?.catch(() => undefined)) ?? this.#connection ?? {};
    if (!socket || socket.readyState === socket.CLOSED) return;
    const closed = new AbortController();
    socket.once("close", () => closed.abort());
    socket.close(1000);
    await this.#options.clock.sleep(goodbyeTime, closed.signal);
    socket.terminate();
  }

  async #connect(): Promise<Connection> {
    const { config, clock, log, signal } = this.#options;
    const target = targetOf(config.url);
    // If it is unknown which message was too long on the previous connection, this one finds out.
    const { isTooBig = false, tooLong, longest = 0 } = this.#connection?.end?.end ?? {};
    const options = {
      target,
      acknowledge: config.acknowledge,
      isCareful: isTooBig && !tooLong,
      // The previous connection ended for no other reason, so this is most likely the same server with the same limit.
      longest: config.acknowledge && tooLong ? longest : 0,
    };
    let connection: Connection | undefined;
    const socket = await connectWebSocket(config, {
      maxPayload,
      now: clock.now(),
      signal,
      prepare: (socket) => {
        connection = new Connection(socket, options);
      },
    });
    log.debug(`connected to ${target}`);
    this.#heartbeat.watch(socket);
    this.#connection = connection!;
    return this.#connection;
  }
}

/** Rejects when `signal` aborts, unless `decided` aborts first. */
const timeUp = (signal: AbortSignal, decided: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const giveUp = () => reject(new DeliveryError("there was no connection in time"));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true, signal: decided });
  });
