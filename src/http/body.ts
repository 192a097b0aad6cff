import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { Refusal, stopping } from "./problem.ts";
import type { Reception } from "./reception.ts";

const decompressors: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The values of `Content-Encoding` that are read, for headers that name them. */
export const encodings = "gzip, deflate, br, zstd";

/** Makes what undoes a `Content-Encoding`; undefined when there is nothing to undo. Throws a `Refusal`, 415. */
export const decompressorOf = (encoding: string | undefined): (() => Transform) | undefined => {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const create = Object.hasOwn(decompressors, name) ? decompressors[name] : undefined;
  if (create) return create;
  throw new Refusal(415, `Content-Encoding "${encoding}" is not known; one of ${encodings} is wanted.`, {
    "Accept-Encoding": encodings,
  });
};

export interface BodyLimits {
  /** The most bytes that a body may have, as it is sent and when it is decompressed. */
  readonly maxBody: number;
  /** Where bytes that have come are counted while the body is not whole. */
  readonly reception?: Reception;
  /** Ends the reading of the body with a `Refusal`, 503. */
  readonly signal?: AbortSignal;
}

export const tooLarge = (maxBody: number): Refusal =>
  new Refusal(413, `The body is longer than ${maxBody} bytes, the most that is taken; send fewer events in a request.`);

/**
 * The whole body of a message, decompressed. Rejects with a `Refusal` (400, 413, 429, 503); what is still to come of the
 * message is not read then.
 */
export const receiveBody = (
  message: IncomingMessage,
  create: (() => Transform) | undefined,
  { maxBody, reception, signal }: BodyLimits,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const decompressor = create?.();
    const stream = decompressor ?? message;
    let [sent, length, held] = [0, 0, 0];
    const settle = (end: () => void) => {
      reception?.release(held);
      held = 0;
      signal?.removeEventListener("abort", stop);
      message.off("data", count);
      stream.off("data", take);
      if (decompressor) message.unpipe(decompressor);
      decompressor?.destroy();
      end();
    };
    const fail = (error: Error) => settle(() => reject(error));
    const stop = () => fail(stopping());
    const count = (chunk: Buffer) => {
      sent += chunk.length;
      if (sent > maxBody) fail(tooLarge(maxBody));
    };
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBody) return fail(tooLarge(maxBody));
      if (reception && !reception.take(chunk.length)) return fail(reception.full());
      held += chunk.length;
      parts.push(chunk);
    };
    if (signal?.aborted) return reject(stopping());
    signal?.addEventListener("abort", stop);
    stream.on("data", take);
    stream.on("end", () => settle(() => resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts, length))));
    message.on("error", () => fail(new Refusal(400, "The connection ended within the body.")));
    if (!decompressor) return;
    decompressor.on("error", (error) =>
      fail(new Refusal(400, `The body is not as its Content-Encoding says: ${error.message}.`)),
    );
    message.on("data", count);
    message.pipe(decompressor);
  });
