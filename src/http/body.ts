import type { IncomingHttpHeaders } from "node:http";
import type { BodyMemory } from "./body-memory.ts";
import { clientOf } from "./client-address.ts";
import type { Decompressor } from "./content-encoding.ts";
import { Parts } from "./parts.ts";
import { Refusal, stopping } from "./problem.ts";
import type { Incoming, Reception } from "./reception.ts";

export interface BodyLimits {
  /** The largest body in bytes, both as sent and decompressed. */
  readonly maxBody: number;
  /** How many bytes more may be sent, because they are around the body. */
  readonly overhead?: number | undefined;
  /** Counts the bytes in memory while the body is received and decompressed. */
  readonly reception: Reception;
  /** Where the body is joined. It may be taken back from there. */
  readonly memory: BodyMemory;
  /** Once it has aborted, bodies are refused with 503. Those that are being received are ended by `reception`. */
  readonly signal: AbortSignal;
}

/** The HTTP message that a body is read from. */
export interface BodySource {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: "data", listener: (chunk: Buffer) => void): unknown;
}

export const tooLarge = (maxBody: number): Refusal =>
  new Refusal(413, `The body is larger than the limit of ${maxBody} bytes; send fewer events per request.`);

/** A body that is being received. Its bytes are counted until it is released. */
export class Receiving {
  readonly #limits: BodyLimits;
  readonly #incoming: Incoming;
  readonly #parts: Parts;

  /** `head`: the head of the request. `end`: called with the refusal when others need the memory. */
  constructor(
    { headers, socket }: Pick<BodySource, "headers" | "socket">,
    limits: BodyLimits,
    end: (refusal: Refusal) => void,
  ) {
    this.#limits = limits;
    this.#incoming = limits.reception.begin(clientOf(socket.remoteAddress), end);
    this.#parts = new Parts(Number(headers["content-length"]));
  }

  /** How many bytes have arrived. */
  get length(): number {
    return this.#parts.length;
  }

  /** Throws a `Refusal` if there are too many bytes. */
  take(chunk: Buffer): void {
    const { maxBody, overhead = 0, reception } = this.#limits;
    if (this.length + chunk.length > maxBody + overhead) throw tooLarge(maxBody);
    if (!this.#incoming.take(chunk.length)) throw reception.full();
    this.#parts.add(chunk);
  }

  /**
   * The whole body, decompressed, when all of it is here: so a slow client never holds a decompressor. Rejects with a `Refusal`
   * (400, 413, 429, 503).
   */
  async complete(decompress: Decompressor | undefined): Promise<Buffer> {
    const { maxBody, reception, memory, signal } = this.#limits;
    this.#incoming.complete();
    const sent = this.#parts.joined(memory);
    if (!decompress) return sent;
    const body = await decompress(sent, maxBody).catch((error: Error) => {
      if (error instanceof Refusal) throw error;
      throw new Refusal(400, `The body does not match its Content-Encoding: ${error.message}.`);
    });
    memory.takeBack(sent);
    if (signal.aborted) throw stopping();
    if (!body) throw tooLarge(maxBody);
    if (!this.#incoming.take(body.length)) throw reception.full();
    return body;
  }

  release(): void {
    this.#incoming.release();
  }
}

export const cutOff = (): Refusal => new Refusal(400, "The connection closed before the body was complete.");

/**
 * Receives the body of a message, as it was sent. Rejects with a `Refusal` (400, 408, 413, 429, 503), and then leaves the rest of
 * the message unread.
 */
export const receiveBody = (message: BodySource, limits: BodyLimits): Promise<Receiving> =>
  new Promise((resolve, reject) => {
    if (limits.signal.aborted) return reject(stopping());
    const fail = (error: unknown) => {
      message.off("data", take);
      receiving.release();
      reject(error);
    };
    const receiving = new Receiving(message, limits, fail);
    const take = (chunk: Buffer) => {
      try {
        receiving.take(chunk);
      } catch (error) {
        fail(error);
      }
    };
    message.on("data", take);
    let isWhole = false;
    message.on("end", () => {
      isWhole = true;
      resolve(receiving);
    });
    // A whole body is in memory until weir is done with it, whether or not its client is still there.
    message.on("error", () => {
      if (!isWhole) fail(cutOff());
    });
  });
