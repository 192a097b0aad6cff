import type { Offer, Reading, SourceContext } from "weir";
import {
  andMore,
  DigestReading,
  MessageIntake,
  MessageReception,
  openEnvelope,
  Seldom,
  Shares,
  type WebSocketConnection,
} from "weir/websocket";

/** How long a client should wait before it sends again, in milliseconds. */
const retryAfter = 1_000;
/** Bytes of unsent answers beyond which weir stops reading from a client. */
const mostUnsent = 1024 * 1024;
/** How long to wait for the last commits at the end, in milliseconds. */
const farewellTime = 1_000;

export interface ClientsConfig {
  readonly acknowledge: boolean;
  readonly max_payload: number;
  readonly max_buffered: number;
  readonly idle_timeout?: number;
}

/** The clients of the source: their messages become readings, which are acknowledged when they are committed. */
export class Clients {
  readonly #context: SourceContext<ClientsConfig>;
  readonly #intake: MessageIntake;
  readonly #reception: MessageReception;
  readonly #lastMessage = new WeakMap<WebSocketConnection, number>();
  /** Bytes of the unfinished and the held messages of each client. */
  readonly #memory: Shares;
  readonly #seldom: Seldom;

  constructor(context: SourceContext<ClientsConfig>, offer: (reading: Reading) => Offer) {
    const { config, clock, signal } = context;
    this.#context = context;
    this.#memory = new Shares(Math.max(config.max_buffered, config.max_payload));
    this.#reception = new MessageReception(this.#memory);
    this.#intake = new MessageIntake({ offer, clock, signal, memory: this.#memory });
    this.#seldom = new Seldom(clock);
  }

  welcome(connection: WebSocketConnection): void {
    const { clock, signal } = this.#context;
    this.#lastMessage.set(connection, clock.monotonic());
    this.#reception.watch(connection, () => this.#limit(connection));
    connection.socket.on("message", (message: Buffer) => {
      if (signal.aborted) return;
      this.#lastMessage.set(connection, clock.monotonic());
      this.#take(connection, message);
    });
  }

  /** Disconnects idle clients until the source stops. */
  async watchIdle(connections: () => Iterable<WebSocketConnection>): Promise<void> {
    const { config, clock, signal } = this.#context;
    const limit = config.idle_timeout;
    if (limit === undefined) return;
    while (!signal.aborted) {
      await clock.sleep(Math.max(1, limit / 4), signal);
      for (const connection of connections()) {
        const isIdle = clock.monotonic() - this.#lastMessage.get(connection)! >= limit;
        if (isIdle && !connection.socket.isPaused) connection.socket.close(1000, "idle");
      }
    }
  }

  /** Resolves when every message is settled and answered, or after a time limit. */
  async farewell(): Promise<void> {
    const settled = new AbortController();
    void this.#intake.settled().then(() => settled.abort());
    await this.#context.clock.sleep(farewellTime, settled.signal);
  }

  #take(connection: WebSocketConnection, message: Buffer): void {
    const { acknowledge } = this.#context.config;
    const envelope = acknowledge ? openEnvelope(message, (id) => this.#warnOfId(connection, id)) : undefined;
    if (!envelope) {
      this.#intake.take(connection, new DigestReading({ bytes: message }));
      this.#limit(connection);
      return;
    }
    const { id, events } = envelope;
    // Of a message that was refused, the dead letter says what was not read.
    const answer: Reading["settled"] = (outcome) =>
      this.#answer(connection, outcome !== "abandoned" ? `{"ack":${id}}` : `{"retry":${id},"after":${retryAfter}}`);
    const reading = new DigestReading({ bytes: events, content: message, settled: answer });
    if (this.#intake.offer(connection, reading) === "full") answer("abandoned");
  }

  /** The message is accepted all the same, but its client may wait for an answer that never comes. */
  #warnOfId({ peer }: WebSocketConnection, id: string | undefined): void {
    const unsaid = this.#seldom.ask("id");
    if (unsaid === undefined) return;
    const found = id === undefined ? "it has no id" : `its id is ${excerpt(id)}`;
    const wanted = "an id must be a number or a string of at most 254 characters";
    const words = `cannot acknowledge a message from ${peer}${andMore(unsaid)}: ${found}`;
    this.#context.log.warn(`${words}; ${wanted}`, { peer });
  }

  #answer({ socket }: WebSocketConnection, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    const isBehind = () => socket.bufferedAmount > mostUnsent;
    socket.send(text, () => {
      if (!isBehind() && !this.#intake.holds(socket)) socket.resume();
    });
    if (isBehind()) socket.pause();
  }

  /** Bounds the memory: a client that stalls, or has more than others, is disconnected, and has to send it again. */
  #limit(growing: WebSocketConnection): void {
    const { log, config } = this.#context;
    while (!this.#memory.hasRoom(0) && isOpen(growing)) {
      const ended = this.#reception.excess(growing);
      if (!ended) return;
      const { socket, peer } = ended;
      log.warn(
        `disconnected ${peer}: unfinished and held messages exceed max_buffered (${config.max_buffered} bytes)`,
        { peer },
      );
      socket.close(1013, "no room");
      socket.terminate();
      this.#reception.forget(ended);
    }
  }
}

const isOpen = ({ socket }: WebSocketConnection): boolean => socket.readyState === socket.OPEN;

/** The start of a text that may be long. */
const excerpt = (text: string): string =>
  text.length > 60 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
