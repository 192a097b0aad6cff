import type { DeliveryError, Outcome } from "weir";
import { type Connection, HungUp } from "./connection.ts";
import type { Link } from "./link.ts";
import type { Message, Messages } from "./messages.ts";

/**
 * One write. When the server closes because a message is too long, the write continues on a new connection with the halves of
 * that message, or without it if it has only one event.
 */
export class Write {
  readonly #link: Link;
  readonly #messages: Messages;
  readonly #signal: AbortSignal;
  readonly #failed: NonNullable<Outcome["failed"]>[number][] = [];
  readonly #errors: DeliveryError[] = [];
  #isAnyDelivered = false;

  constructor(link: Link, messages: Messages, signal: AbortSignal) {
    this.#link = link;
    this.#messages = messages;
    this.#signal = signal;
  }

  async run(): Promise<Outcome> {
    let left = this.#messages.all();
    while (left.length > 0) left = await this.#round(left);
    // Thrown when nothing was delivered, to tell the host when to try again.
    if (!this.#isAnyDelivered && !this.#failed.some(({ final }) => final)) throw longestWait(this.#errors);
    return { failed: this.#failed };
  }

  /** Sends messages, and returns those to send next. */
  async #round(messages: readonly Message[]): Promise<readonly Message[]> {
    let connection: Connection;
    try {
      connection = await this.#link.connection(this.#signal);
    } catch (error) {
      for (const message of messages) this.#fail(message, error as DeliveryError);
      return [];
    }
    const results = await Promise.allSettled(messages.map((message) => connection.send(message, this.#signal)));
    return results.flatMap((result, position) => {
      if (result.status === "rejected") return this.#after(messages[position]!, result.reason);
      this.#isAnyDelivered = true;
      return [];
    });
  }

  #after(message: Message, error: DeliveryError): readonly Message[] {
    const tooLong = error instanceof HungUp ? error.end.tooLong : undefined;
    if (!tooLong) this.#fail(message, error);
    else if (tooLong !== message) return [message];
    else if (message.indexes.length > 1) return this.#messages.halves(message);
    else this.#refuse(message, error as HungUp);
    return [];
  }

  #refuse({ size, indexes }: Message, { message, end: { longest } }: HungUp): void {
    const known = longest > 0 ? `; it accepted a message of ${longest} bytes` : "";
    const words = `the message for the event has ${size} bytes, which is too long for the server: ${message}${known}`;
    this.#failed.push({ index: indexes[0]!, message: words, final: true });
  }

  #fail({ indexes }: Message, error: DeliveryError): void {
    this.#errors.push(error);
    for (const index of indexes) this.#failed.push({ index, message: error.message, final: false });
  }
}

const longestWait = (errors: readonly DeliveryError[]): DeliveryError =>
  errors.reduce((longest, error) => ((error.retryAfter ?? 0) > (longest.retryAfter ?? 0) ? error : longest));
