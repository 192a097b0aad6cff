import { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import type { Context, Log } from "../plugin.ts";
import { andMore, Seldom } from "../telemetry/seldom.ts";

export interface CutOffOptions {
  /** Longest message, in bytes. */
  readonly maxPayload: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly refused?: Context<unknown>["refused"];
}

/** "Message too big", in RFC 6455. */
const tooBig = 1009;

/** Errors of the package ws that close a connection with that code. */
const tooLongErrors = ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH"];

/**
 * Connections that are closed because of what the client sent. Each is counted as `too_long` or `unreadable`; the log shows
 * each reason at most once a minute.
 */
export class CutOffs {
  readonly #options: CutOffOptions;
  readonly #seldom: Seldom;

  constructor(options: CutOffOptions) {
    this.#options = options;
    this.#seldom = new Seldom(options.clock);
  }

  /** Records the error of a connection; `peer` is host and port of the client. */
  add(error: Error & { readonly code?: string }, peer: string): void {
    const { maxPayload, log, refused } = this.#options;
    const isTooLong = tooLongErrors.includes(error.code ?? "");
    const reason = isTooLong ? "too_long" : "unreadable";
    refused?.(reason);
    const unsaid = this.#seldom.ask(reason);
    if (unsaid === undefined) return;
    const words = isTooLong ? `it sent ${limitWords(maxPayload)}` : `it sent an invalid message: ${error.message}`;
    log.warn(`disconnected ${peer}${andMore(unsaid)}: ${words}`, { peer, reason });
  }
}

/** Server connections that send the limit with the close code when a message is too long. */
export const socketsThatTell = (maxPayload: number): typeof WebSocket =>
  class extends WebSocket {
    override close(code?: number, reason?: string | Buffer): void {
      super.close(code, reason ?? (code === tooBig ? limitWords(maxPayload) : undefined));
    }
  };

const limitWords = (maxPayload: number): string => `a message longer than ${maxPayload} bytes`;
