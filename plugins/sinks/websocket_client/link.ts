import {
  type ClientSocket,
  type Clock,
  connectWebSocket,
  DeliveryError,
  Heartbeat,
  type Log,
  targetOf,
  type WebSocketClientConfig,
} from "weir";
import type { Answers } from "./answers.ts";

export interface LinkOptions {
  readonly config: WebSocketClientConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the sink is to stop. */
  readonly signal: AbortSignal;
  readonly answers: Answers;
}

/** Longest message that the server may send: it only answers. */
const maxPayload = 1024 * 1024;
const goodbyeTime = 1_000;

/** The sink's one connection, made when it is asked for and not there. */
export class Link {
  readonly #options: LinkOptions;
  readonly #heartbeat = new Heartbeat();
  readonly #closed = new AbortController();
  #socket: ClientSocket | undefined;
  #connecting: Promise<ClientSocket> | undefined;

  constructor(options: LinkOptions) {
    const { config, clock } = options;
    this.#options = options;
    void this.#heartbeat.run(config.ping_interval, clock, this.#closed.signal);
  }

  /** Resolves with an open connection; rejects when there is none, or `signal` aborts. Asked for twice, it is one. */
  async socket(signal: AbortSignal): Promise<ClientSocket> {
    if (this.#socket?.readyState === this.#socket?.OPEN && this.#socket) return this.#socket;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return Promise.race([this.#connecting, timeUp(signal)]);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const socket = (await this.#connecting?.catch(() => undefined)) ?? this.#socket;
    if (!socket || socket.readyState === socket.CLOSED) return;
    const closed = new AbortController();
    socket.once("close", () => closed.abort());
    socket.close(1000);
    await this.#options.clock.sleep(goodbyeTime, closed.signal);
    socket.terminate();
  }

  async #connect(): Promise<ClientSocket> {
    const { config, clock, log, signal, answers } = this.#options;
    const socket = await connectWebSocket(config, { maxPayload, now: clock.now(), signal });
    log.debug(`connected to ${targetOf(config.url)}`);
    this.#socket = socket;
    this.#heartbeat.watch(socket);
    socket.on("message", (message) => answers.take(String(message)));
    socket.once("close", (code, reason) => {
      const why = reason.length > 0 ? `: ${reason}` : "";
      answers.hungUp(`${targetOf(config.url)} hung up with code ${code}${why}`);
    });
    return socket;
  }
}

const timeUp = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const giveUp = () => reject(new DeliveryError("no connection was made in time"));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
