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
  /** Counts the bytes in memory while the body is received and decompressed. */
  readonly reception: Reception;
  /** Where the body is joined. It may be taken back from there. */
  readonly memory: BodyMemory;
  /** Once it has aborted, bodies are refused with 503. Those that are being received are ended by `reception`. */
  readonly signal: AbortSignal;
}

/** What a body is read from: a message of HTTP. */
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

/**
 * The whole body of a message, decompressed. Rejects with a `Refusal` (400, 408, 413, 429, 503), and then leaves the rest of
 * the message unread. It is decompressed only when all of it is here, so that a slow client never holds a decompressor.
 */
export const receiveBody = async (
  message: BodySource,
  decompress: Decompressor | undefined,
  limits: BodyLimits,
): Promise<Buffer> => {
  const { maxBody, reception, memory, signal } = limits;
  let end: (refusal: Refusal) => void = () => undefined;
  const incoming = reception.begin(clientOf(message.socket.remoteAddress), (refusal) => end(refusal));
  try {
    const sent = await collect(message, { ...limits, incoming, onEnd: (call) => (end = call) });
    incoming.complete();
    if (!decompress) return sent;
    const body = await decompress(sent, maxBody).catch((error: Error) => {
      if (error instanceof Refusal) throw error;
      throw new Refusal(400, `The body does not match its Content-Encoding: ${error.message}.`);
    });
    memory.takeBack(sent);
    if (signal.aborted) throw stopping();
    if (!body) throw tooLarge(maxBody);
    if (!incoming.take(body.length)) throw reception.full();
    return body;
  } finally {
    incoming.release();
  }
};

interface Collecting extends BodyLimits {
  readonly incoming: Incoming;
  /** Gets the function that ends the collecting with a refusal. */
  readonly onEnd: (end: (refusal: Refusal) => void) => void;
}

const collect = (
  message: BodySource,
  { maxBody, reception, memory, signal, incoming, onEnd }: Collecting,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(stopping());
    const parts = new Parts(Number(message.headers["content-length"]));
    const fail = (error: Error) => {
      message.off("data", take);
      reject(error);
    };
    const take = (chunk: Buffer) => {
      if (parts.length + chunk.length > maxBody) return fail(tooLarge(maxBody));
      if (!incoming.take(chunk.length)) return fail(reception.full());
      parts.add(chunk);
    };
    onEnd(fail);
    message.on("data", take);
    message.on("end", () => resolve(parts.joined(memory)));
    message.on("error", () => fail(new Refusal(400, "The connection closed before the body was complete.")));
  });
