import { DeliveryError, fingerprint, type Json, type Offer, type Reading, type SourceContext } from "weir";
import { backoff } from "weir/http";
import {
  type ClientSocket,
  connectWebSocket,
  Heartbeat,
  MessageIntake,
  type WebSocketClientConfig,
} from "weir/websocket";
import { cursorReader, type ReadCursor } from "./cursor.ts";

export interface FeedConfig extends WebSocketClientConfig {
  readonly subscribe?: string;
  readonly cursor?: string;
  readonly resume?: string;
  readonly max_payload: number;
  readonly idle_timeout?: number;
  readonly backoff: { readonly initial: number; readonly max: number };
}

/** A feed across all of its connections: one stream, whose checkpoint holds the cursor. */
export class Feed {
  readonly #context: SourceContext<FeedConfig>;
  readonly #intake: MessageIntake;
  readonly #heartbeat = new Heartbeat();
  readonly #readCursor: ReadCursor | undefined;
  /** Derived from the URL: a cursor is valid for one feed only. */
  readonly #stream: string;
  #position: number;
  /** JSON text. */
  #cursor: string | undefined;
  /** By the monotonic clock; `undefined` if the connection has brought none yet. */
  #lastMessage: number | undefined;

  constructor(context: SourceContext<FeedConfig>, offer: (reading: Reading) => Offer) {
    const { config, clock, signal, checkpoints } = context;
    this.#context = context;
    this.#intake = new MessageIntake({ offer, clock, signal });
    this.#readCursor = config.cursor === undefined ? undefined : cursorReader(config.cursor);
    this.#stream = fingerprint(config.url);
    const checkpoint = checkpoints.get(this.#stream);
    this.#position = checkpoint?.position ?? 0;
    this.#cursor = cursorOf(checkpoint?.detail);
  }

  /** Connects, and reconnects until the source stops. */
  async follow(): Promise<void> {
    const { config, clock, log, signal } = this.#context;
    void this.#heartbeat.run(config.ping_interval, clock, signal);
    for (let failures = 0; !signal.aborted; ) {
      let asked = 0;
      try {
        const code = await this.#listen();
        if (signal.aborted) return;
        failures = this.#lastMessage !== undefined ? 1 : failures + 1;
        log.info(`the feed closed the connection with code ${code}`, { code });
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        asked = error instanceof DeliveryError ? (error.retryAfter ?? 0) : 0;
        log.warn((error as Error).message, { attempt: failures });
      }
      await clock.sleep(backoff(failures, config.backoff, { atLeast: asked }), signal);
      await this.#allSettled();
    }
  }

  /** Connects, and resolves with the close code when the connection ends. */
  async #listen(): Promise<number> {
    const { config, clock, log, signal } = this.#context;
    const over = new AbortController();
    this.#lastMessage = undefined;
    // Read now: messages may arrive together with the response to the handshake, and their cursors are not committed yet.
    const cursor = config.resume === undefined ? undefined : this.#cursor;
    const socket = await connectWebSocket(config, {
      maxPayload: config.max_payload,
      now: clock.now(),
      signal,
      prepare: (socket) => {
        socket.on("message", (message: Buffer) => this.#take(socket, message));
        socket.once("close", (code) => over.abort(code));
      },
    });
    this.#heartbeat.watch(socket);
    const hello = cursor === undefined ? config.subscribe : config.resume?.replaceAll("{cursor}", () => cursor);
    if (hello !== undefined) socket.send(hello);
    log.info(cursor === undefined ? "connected" : `connected, resuming after cursor ${cursor}`);
    void this.#watchIdle(socket, over.signal);
    await aborted(AbortSignal.any([signal, over.signal]));
    if (!over.signal.aborted) await this.#hangUp(socket, over.signal);
    return over.signal.reason as number;
  }

  async #hangUp(socket: ClientSocket, closed: AbortSignal): Promise<void> {
    // A paused connection would not see the close frame of the feed.
    socket.resume();
    socket.close(1000, "weir is stopping");
    await this.#context.clock.sleep(goodbyeTime, closed);
    socket.terminate();
  }

  #take(socket: ClientSocket, message: Buffer): void {
    const feed = { socket, client: "feed" };
    const { clock, signal } = this.#context;
    if (signal.aborted) return;
    this.#lastMessage = clock.monotonic();
    if (!this.#readCursor) {
      // The end of the message ends its last record.
      this.#intake.take(feed, { stream: this.#stream, position: this.#position, bytes: message, end: true });
      this.#position += message.length;
      return;
    }
    this.#intake.take(feed, { stream: fingerprint(message), position: 0, bytes: message, once: true });
    const cursor = this.#readCursor(message.toString("utf8"));
    if (cursor === undefined) return;
    this.#cursor = cursor;
    // After the message, so that no commit has the cursor without all of its events.
    this.#intake.take(feed, { stream: this.#stream, position: 0, bytes: nothing, detail: { cursor } });
  }

  async #watchIdle(socket: ClientSocket, closed: AbortSignal): Promise<void> {
    const { config, clock } = this.#context;
    const limit = config.idle_timeout;
    const connectedAt = clock.monotonic();
    while (limit !== undefined && !closed.aborted) {
      await clock.sleep(Math.max(1, limit / 4), closed);
      const since = this.#lastMessage ?? connectedAt;
      if (!socket.isPaused && clock.monotonic() - since >= limit) socket.terminate();
    }
  }

  /** Resolves when everything received is committed, and with it the cursor. */
  async #allSettled(): Promise<void> {
    const { clock, signal } = this.#context;
    while (!signal.aborted && !this.#intake.isIdle) await clock.sleep(20, signal);
  }
}

const nothing = new Uint8Array(0);
/** How long the feed may take to answer a close, in milliseconds. */
const goodbyeTime = 1_000;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

const cursorOf = (detail: Json | undefined): string | undefined => {
  const cursor = typeof detail === "object" && detail !== null && "cursor" in detail ? detail.cursor : undefined;
  return typeof cursor === "string" ? cursor : undefined;
};
