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
import { Answers } from "./answers.ts";

export interface LinkOptions {
  readonly config: WebSocketClientConfig;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the sink is to stop. */
  readonly signal: AbortSignal;
}

/** A connection, and the answers that come by it. */
export interface Line {
  readonly socket: ClientSocket;
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
  #line: Line | undefined;
  #connecting: Promise<Line> | undefined;

  constructor(options: LinkOptions) {
    const { config, clock } = options;
    this.#options = options;
    void this.#heartbeat.run(config.ping_interval, clock, this.#closed.signal);
  }

  /** Resolves with an open connection; rejects when there is none, or `signal` aborts. Asked for twice, it is one. */
  async line(signal: AbortSignal): Promise<Line> {
    if (this.#line && this.#line.socket.readyState === this.#line.socket.OPEN) return this.#line;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return Promise.race([this.#connecting, timeUp(signal)]);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const { socket } = (await this.#connecting?.catch(() => undefined)) ?? this.#line ?? {};
    if (!socket || socket.readyState === socket.CLOSED) return;
    const closed = new AbortController();
    socket.once("close", () => closed.abort());
    socket.close(1000);
    await this.#options.clock.sleep(goodbyeTime, closed.signal);
    socket.terminate();
  }

  async #connect(): Promise<Line> {
    const { config, clock, log, signal } = this.#options;
    const answers = new Answers();
    const target = targetOf(config.url);
    const socket = await connectWebSocket(config, {
      maxPayload,
      now: clock.now(),
      signal,
      prepare: (socket) => {
        socket.on("message", (message) => answers.take(String(message)));
        socket.once("close", (code, reason) => {
          answers.hungUp(`${target} hung up with code ${code}${reason.length > 0 ? `: ${reason}` : ""}`);
        });
      },
    });
    log.debug(`connected to ${target}`);
    this.#heartbeat.watch(socket);
    this.#line = { socket, answers };
    return this.#line;
  }
}

const timeUp = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const giveUp = () => reject(new DeliveryError("no connection was made in time"));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
