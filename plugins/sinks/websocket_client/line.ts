import { DeliveryError } from "weir";
import type { ClientSocket } from "weir/websocket";
import { Answers } from "./answers.ts";
import type { Message } from "./messages.ts";

export interface LineOptions {
  /** The server's address, for messages. */
  readonly target: string;
  readonly acknowledge: boolean;
  /** The next message goes out when the one before is acknowledged. */
  readonly isCareful: boolean;
  /** Bytes of the longest message that the server is known to read, from the connection before. */
  readonly longest: number;
}

/** "Message too big", in RFC 6455. */
const tooBig = 1009;

/**
 * A connection. A message that is longer than what the server is known to read goes alone: after the answers to all
 * before it, and the next goes out after its own. So it is known which one was too long when the server hangs up for
 * that, and nothing else was under way. Without acknowledgements the pong to a ping behind it stands for its answer.
 */
export class Line {
  readonly socket: ClientSocket;
  readonly #options: LineOptions;
  readonly #answers = new Answers();
  readonly #pongs = new Map<string, () => void>();
  readonly #over = new AbortController();
  readonly #either = new WeakMap<AbortSignal, AbortSignal>();
  #longest: number;
  #pings = 0;
  #probe: Message | undefined;
  #probing: Promise<void> | undefined;

  constructor(socket: ClientSocket, options: LineOptions) {
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

  /** Why this connection is over, once it is: what was not delivered failed with it. */
  get end(): HungUp | undefined {
    return this.#over.signal.reason;
  }

  /** Resolves when the message is delivered; rejects with a `DeliveryError`. Messages go out in the order of the calls. */
  async send(message: Message, signal: AbortSignal): Promise<void> {
    while (this.#probing) await this.#probing;
    const isKnown = message.size <= this.#longest && !this.#options.isCareful;
    await (isKnown ? this.#transmit(message, signal) : this.#probeWith(message, signal));
  }

  async #transmit(message: Message, signal: AbortSignal): Promise<void> {
    // Nobody would answer.
    if (this.end) throw this.end;
    const answer = this.#options.acknowledge ? this.#answers.to(message.id, signal) : undefined;
    const sent = this.#unlessOver(signal, (done) => this.socket.send(message.text, (error) => !error && done()));
    await Promise.all([answer, sent]);
  }

  /** Lets no other message out before the server is known to have read this one. */
  #probeWith(message: Message, signal: AbortSignal): Promise<void> {
    const delivered = this.#alone(message, signal);
    this.#probing = delivered
      .catch(() => undefined)
      .then(() => {
        this.#probing = undefined;
        if (!this.isOpen) return;
        this.#probe = undefined;
        // Whoever asks for it again has read it, too.
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

  /** Rejects when the connection is over, or the time is up: then it is of no use any more, with half of a message in it. */
  #unlessOver(signal: AbortSignal, begin: (done: () => void) => void): Promise<void> {
    const either = this.#orOver(signal);
    return new Promise((resolve, reject) => {
      const fail = () => reject(this.end ?? new DeliveryError("the server does not read what is sent"));
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

  /** Made once for all messages of a write: it is not cheap. */
  #orOver(signal: AbortSignal): AbortSignal {
    const known = this.#either.get(signal) ?? AbortSignal.any([this.#over.signal, signal]);
    this.#either.set(signal, known);
    return known;
  }

  #close(code: number, reason: string): void {
    const { target } = this.#options;
    const isTooBig = code === tooBig;
    const end = new HungUp(`${target} hung up with code ${code}${reason === "" ? "" : `: ${reason}`}`, {
      isTooBig,
      // What was not answered in time may be what it hung up for now.
      tooLong: isTooBig && !this.#answers.isAnyMissing ? this.#probe : undefined,
      longest: this.#longest,
    });
    this.#over.abort(end);
    this.#answers.hungUp(end);
  }
}

interface End {
  /** The server said that a message was too big for it. */
  readonly isTooBig: boolean;
  /** Which one that was, if that is known. */
  readonly tooLong: Message | undefined;
  /** Bytes of the longest message that the server has read. */
  readonly longest: number;
}

/** The server has ended the connection. */
export class HungUp extends DeliveryError {
  readonly end: End;

  constructor(message: string, end: End) {
    super(message);
    this.name = "HungUp";
    this.end = end;
  }
}
