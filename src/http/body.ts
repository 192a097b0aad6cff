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

/** The supported values of `Content-Encoding`, for headers that list them. */
export const encodings = "gzip, deflate, br, zstd";

/** Creates the decompressor for a `Content-Encoding`; undefined when there is none. Throws a `Refusal`, 415. */
export const decompressorOf = (encoding: string | undefined): (() => Transform) | undefined => {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const create = Object.hasOwn(decompressors, name) ? decompressors[name] : undefined;
  if (create) return create;
  throw new Refusal(415, `Content-Encoding "${encoding}" is not supported; use one of ${encodings}.`, {
    "Accept-Encoding": encodings,
  });
};

export interface BodyLimits {
  /** The largest body in bytes, both as sent and decompressed. */
  readonly maxBody: number;
  /** Counts received bytes while the body is incomplete. */
  readonly reception?: Reception;
  /** Stops reading the body with a `Refusal`, 503. */
  readonly signal?: AbortSignal;
}

export const tooLarge = (maxBody: number): Refusal =>
  new Refusal(413, `The body is larger than the limit of ${maxBody} bytes; send fewer events per request.`);

/**
 * The whole body of a message, decompressed. Rejects with a `Refusal` (400, 413, 429, 503), and then leaves the rest of the
 * message unread.
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
    message.on("error", () => fail(new Refusal(400, "The connection closed before the body was complete.")));
    if (!decompressor) return;
    decompressor.on("error", (error) =>
      fail(new Refusal(400, `The body does not match its Content-Encoding: ${error.message}.`)),
    );
    message.on("data", count);
    message.pipe(decompressor);
  });
