import { decompressorOf } from "../http/content-encoding.ts";
import type { HttpResponse } from "./client.ts";

/** The body of a response is too long. */
export class BodyTooLong extends Error {
  constructor(maxBody: number) {
    super(`the response is larger than the limit of ${maxBody} bytes`);
    this.name = "BodyTooLong";
  }
}

/**
 * The body of a response, decompressed. Rejects with a sentence when it is larger than `maxBody` bytes, as sent or
 * decompressed, or does not match its `Content-Encoding`.
 */
export const wholeBody = async ({ headers, body, isCut }: HttpResponse, maxBody: number): Promise<Buffer> => {
  if (isCut || body.length > maxBody) throw new BodyTooLong(maxBody);
  const decompress = decompressorOf(headers["content-encoding"]);
  if (!decompress) return body;
  const whole = await decompress(body, maxBody).catch((error: Error) => {
    throw new Error(`the response does not match its Content-Encoding: ${error.message}`);
  });
  if (!whole) throw new BodyTooLong(maxBody);
  return whole;
};
