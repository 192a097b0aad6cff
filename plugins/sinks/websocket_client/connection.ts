import { DeliveryError } from "weir";
import type { ClientSocket } from "weir/websocket";
import { Answers } from "./answers.ts";
import type { Message } from "./messages.ts";

export interface ConnectionOptions {
  /** URL of the server, for messages. */
  readonly target: string;
  readonly acknowledge: boolean;
  /** Send each message only when the one before is acknowledged. */
  readonly isCareful: boolean;
  /** Bytes of the longest message that the server accepted on the previous connection. */
  readonly longest: number;
}

/** "Message too big", in RFC 6455. */
const tooBig = 1009;

/**
 * A connection. A message that is longer than any that the server has accepted is sent alone: after the answers to all before
 * it, and the next one waits for its answer. So when the server closes with "too big", it is clear which message was meant,
 * and no other was in flight. Without acknowledgements, the pong to a ping after the message takes the place of its answer.
 */
export class Connection {
  readonly socket: ClientSocket;
  readonly #options: ConnectionOptions;
  readonly #answers = new Answers();
  readonly #pongs = new Map<string, () => void>();
  readonly #over = new AbortController();
  readonly #either = new WeakMap<AbortSignal, AbortSignal>();
  #longest: number;
  #pings = 0;
  #probe: Message | undefined;
  #probing: Promise<void> | undefined;

  constructor(socket: ClientSocket, options: ConnectionOptions) {
    this.socket = socket;
    this.#options = options;
    this.#longest = options.longest;
    socket.on("message", (message) => this.#answers.take(String(message)));
    socket.on("pong", (data) => this.#pongs.get(String(data))?.());
    socket.once("close", (code, reason) => this.#close(code, String(reason)));
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** Why the connection ended, once it has: what was not delivered failed with this error. */
  get end(): HungUp | undefined {
    return this.#over.signal.reason;
  }

  /** Resolves when the message is delivered; rejects with a `DeliveryError`. Messages are sent in the order of the calls. */
  async send(message: Message, signal: AbortSignal): Promise<void> {
    while (this.#probing) await this.#probing;
    const isKnown = message.size <= this.#longest && !this.#options.isCareful;
    await (isKnown ? this.#transmit(message, signal) : this.#probeWith(message, signal));
  }

  async #transmit(message: Message, signal: AbortSignal): Promise<void> {
    // There will be no answer.
    if (this.end) throw this.end;
    const answer = this.#options.acknowledge ? this.#answers.to(message.id, signal) : undefined;
    const sent = this.#unlessOver(signal, (done) => this.socket.send(message.text, (error) => !error && done()));
    await Promise.all([answer, sent]);
  }

  /** Holds all other messages until the server has accepted this one. */
  #probeWith(message: Message, signal: AbortSignal): Promise<void> {
    const delivered = this.#alone(message, signal);
    this.#probing = delivered
      .catch(() => undefined)
      .then(() => {
        this.#probing = undefined;
        if (!this.isOpen) return;
        this.#probe = undefined;
        // A server that asks for it again has read it, too.
        if (!signal.aborted) this.#longest = Math.max(this.#longest, message.size);
      });
    return delivered;
  }

  async #alone(message: Message, signal: AbortSignal): Promise<void> {
    await this.#answers.settled();
    this.#probe = message;
    const sent = this.#transmit(message, signal);
    await Promise.all([sent, this.#options.acknowledge ? undefined : this.#pong(signal)]);
  }

  #pong(signal: AbortSignal): Promise<void> {
    const ping = `${++this.#pings}`;
    const pong = this.#unlessOver(signal, (done) => {
      this.#pongs.set(ping, done);
      if (this.isOpen) this.socket.ping(ping);
    });
    return pong.finally(() => this.#pongs.delete(ping));
  }

  /** Rejects when the connection ends or `signal` aborts; it then terminates the connection, which may have half a message in it. */
  #unlessOver(signal: AbortSignal, begin: (done: () => void) => void): Promise<void> {
    const either = this.#orOver(signal);
    return new Promise((resolve, reject) => {
      const fail = () => reject(this.end ?? new DeliveryError("the server stopped reading from the connection"));
      if (either.aborted) return fail();
      const giveUp = () => {
        fail();
        this.socket.terminate();
      };
      either.addEventListener("abort", giveUp, { once: true });
      begin(() => {
        either.removeEventListener("abort", giveUp);
        resolve();
      });
    });
  }

  /** One signal for all messages of a write, since creating it is not cheap. */
  #orOver(signal: AbortSignal): AbortSignal {
    const known = this.#either.get(signal) ?? AbortSignal.any([this.#over.signal, signal]);
    this.#either.set(signal, known);
    return known;
  }

  #close(code: number, reason: string): void {
    const { target } = this.#options;
    const isTooBig = code === tooBig;
    const end = new HungUp(`${target} closed the connection with code ${code}${reason === "" ? "" : `: ${reason}`}`, {
      isTooBig,
      // If an earlier message was not answered in time, that one may be the cause.
      tooLong: isTooBig && !this.#answers.isAnyMissing ? this.#probe : undefined,
      longest: this.#longest,
    });
    this.#over.abort(end);
    this.#answers.hungUp(end);
  }
}

interface End {
  /** The server closed because a message was too big. */
  readonly isTooBig: boolean;
  /** Which message that was, if known. */
  readonly tooLong: Message | undefined;
  /** Bytes of the longest message that the server accepted. */
  readonly longest: number;
}

/** The server closed the connection. */
export class HungUp extends DeliveryError {
  readonly end: End;

  constructor(message: string, end: End) {
    super(message);
    this.name = "HungUp";
    this.end = end;
  }
}
