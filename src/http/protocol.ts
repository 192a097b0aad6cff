import type { IncomingHttpHeaders } from "node:http";

/** The body of an answer. */
export interface Answer {
  readonly type: string;
  readonly body: Buffer;
}

/** A protocol over HTTP whose bodies are not what the host reads, and which has answers of its own. */
export interface Protocol {
  /** Whether `check` authenticates clients. */
  readonly isGuarded?: boolean;
  /** Throws a `Refusal` for headers of requests that are not of this protocol. */
  check(headers: IncomingHttpHeaders): void;
  /**
   * What the host reads for a body, and the answer to give when that is committed. Rejects with a `Refusal` for a body that
   * is not of this protocol.
   */
  read(body: Buffer, headers: IncomingHttpHeaders): Promise<{ readonly bytes: Buffer; readonly answer: Answer }>;
  /** The answer to a request that is refused; undefined for an `application/problem+json`. */
  refusal(message: string, headers: IncomingHttpHeaders): Answer | undefined;
}
