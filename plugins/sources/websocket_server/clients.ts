import { andMore, fingerprint, type Offer, type Reading, Seldom, type SourceContext } from "weir";
import { MessageIntake, MessageReception, openEnvelope, type WebSocketConnection } from "weir/websocket";

/** What a client is asked to wait before it sends again, in milliseconds. */
const retryAfter = 1_000;
/** A client that does not read its answers is not read from, beyond so many bytes of them. */
const mostUnsent = 1024 * 1024;
/** How long the end waits for the last commits, in milliseconds. */
const farewellTime = 1_000;

export interface ClientsConfig {
  readonly acknowledge: boolean;
  readonly max_payload: number;
  readonly max_buffered: number;
  readonly idle_timeout?: number;
}

/** The clients of the source: their messages become readings, and they are told what became of those. */
export class Clients {
  readonly #context: SourceContext<ClientsConfig>;
  readonly #intake: MessageIntake;
  readonly #reception = new MessageReception();
  readonly #lastMessage = new WeakMap<WebSocketConnection, number>();
  readonly #room: number;
  readonly #seldom: Seldom;

  constructor(context: SourceContext<ClientsConfig>, offer: (reading: Reading) => Offer) {
    const { config, clock, signal } = context;
    this.#context = context;
    this.#intake = new MessageIntake({ offer, clock, signal });
    this.#room = Math.max(config.max_buffered, config.max_payload);
    this.#seldom = new Seldom(clock);
  }

  welcome(connection: WebSocketConnection): void {
    const { clock, signal } = this.#context;
    this.#lastMessage.set(connection, clock.now());
    this.#reception.watch(connection, () => this.#limit(connection));
    connection.socket.on("message", (message: Buffer) => {
      if (signal.aborted) return;
      this.#lastMessage.set(connection, clock.now());
      this.#take(connection, message);
    });
  }

  /** Sends away those who have sent nothing for long, until the source stops. */
  async watchIdle(connections: () => Iterable<WebSocketConnection>): Promise<void> {
    const { config, clock, signal } = this.#context;
    const limit = config.idle_timeout;
    if (limit === undefined) return;
    while (!signal.aborted) {
      await clock.sleep(Math.max(1, limit / 4), signal);
      for (const connection of connections()) {
        const isIdle = clock.now() - this.#lastMessage.get(connection)! >= limit;
        if (isIdle && !connection.socket.isPaused) connection.socket.close(1000, "idle");
      }
    }
  }

  /** Resolves when every client knows what became of its messages, or after a while. */
  async farewell(): Promise<void> {
    const settled = new AbortController();
    void this.#intake.settled().then(() => settled.abort());
    await this.#context.clock.sleep(farewellTime, settled.signal);
  }

  #take(connection: WebSocketConnection, message: Buffer): void {
    const { acknowledge } = this.#context.config;
    const envelope = acknowledge ? openEnvelope(message, (id) => this.#warnOfId(connection, id)) : undefined;
    const reading = { stream: fingerprint(message), position: 0, once: true };
    if (!envelope) {
      this.#intake.take(connection.socket, { ...reading, bytes: message });
      this.#limit(connection);
      return;
    }
    const { id, events } = envelope;
    const answer = (outcome: "committed" | "abandoned") =>
      this.#answer(connection, outcome === "committed" ? `{"ack":${id}}` : `{"retry":${id},"after":${retryAfter}}`);
    if (this.#intake.offer({ ...reading, bytes: events, settled: answer }) === "full") answer("abandoned");
  }

  /** It is taken all the same, and its client may wait for an answer that never comes. */
  #warnOfId({ peer }: WebSocketConnection, id: string | undefined): void {
    const unsaid = this.#seldom.ask("id");
    if (unsaid === undefined) return;
    const found = id === undefined ? "it has none" : `"id": ${excerpt(id)}`;
    const wanted = "a number, or a text of at most 254 characters";
    const words = `a message without an id that can be acknowledged came from ${peer}${andMore(unsaid)}: ${found}`;
    this.#context.log.warn(`${words}; an id is ${wanted}`, { peer });
  }

  #answer({ socket }: WebSocketConnection, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    const isBehind = () => socket.bufferedAmount > mostUnsent;
    socket.send(text, () => {
      if (!isBehind() && !this.#intake.holds(socket)) socket.resume();
    });
    if (isBehind()) socket.pause();
  }

  /** Memory is bounded: whoever brings more than there is room for has to come again. */
  #limit({ socket, peer }: WebSocketConnection): void {
    const held = this.#reception.bytes + this.#intake.heldBytes;
    if (held <= this.#room || socket.readyState !== socket.OPEN) return;
    const { log, config } = this.#context;
    log.warn(`${peer} is cut off: it brought more than max_buffered, ${config.max_buffered} bytes, has room for`, {
      peer,
    });
    socket.close(1013, "no room");
    socket.terminate();
  }
}

/** The beginning of a text that may be long. */
const excerpt = (text: string): string =>
  text.length > 60 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
