import { type Clock, DeliveryError, type Log } from "weir";
import { connectWebSocket, Heartbeat, targetOf, type WebSocketClientConfig } from "weir/websocket";
import { Line } from "./line.ts";

export interface LinkOptions {
  readonly config: WebSocketClientConfig & { readonly acknowledge: boolean };
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the sink is to stop. */
  readonly signal: AbortSignal;
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
    if (this.#line?.isOpen) return this.#line;
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
    const target = targetOf(config.url);
    // What was too long for the connection before is not known: with this one it will be.
    const { isTooBig = false, tooLong, longest = 0 } = this.#line?.end?.end ?? {};
    const options = {
      target,
      acknowledge: config.acknowledge,
      isCareful: isTooBig && !tooLong,
      // It is the same server, with the same limit, as far as that can be told: it has not gone for another reason.
      longest: config.acknowledge && tooLong ? longest : 0,
    };
    let line: Line | undefined;
    const socket = await connectWebSocket(config, {
      maxPayload,
      now: clock.now(),
      signal,
      prepare: (socket) => {
        line = new Line(socket, options);
      },
    });
    log.debug(`connected to ${target}`);
    this.#heartbeat.watch(socket);
    this.#line = line!;
    return this.#line;
  }
}

/** Rejects when `signal` aborts, unless `decided` does before: then it is forgotten. */
const timeUp = (signal: AbortSignal, decided: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const giveUp = () => reject(new DeliveryError("no connection was made in time"));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true, signal: decided });
  });
