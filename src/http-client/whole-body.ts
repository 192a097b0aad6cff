import { decompressorOf } from "../http/body.ts";
import type { HttpResponse } from "./client.ts";

/**
 * The body of a response, decompressed. Rejects with a sentence when it is larger than `maxBody` bytes, as sent or
 * decompressed, or does not match its `Content-Encoding`.
 */
export const wholeBody = async ({ headers, body, isCut }: HttpResponse, maxBody: number): Promise<Buffer> => {
  if (isCut || body.length > maxBody) throw tooLong(maxBody);
  const create = decompressorOf(headers["content-encoding"]);
  if (!create || body.length === 0) return body;
  const decompressor = create();
  const parts: Buffer[] = [];
  let length = 0;
  decompressor.end(body);
  try {
    for await (const part of decompressor as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      // Leaving the loop stops the decompression.
      if (length > maxBody) break;
    }
  } catch (error) {
    throw new Error(`the response does not match its Content-Encoding: ${(error as Error).message}`);
  }
  if (length > maxBody) throw tooLong(maxBody);
  return Buffer.concat(parts, length);
};

const tooLong = (maxBody: number): Error => new Error(`the response is larger than the limit of ${maxBody} bytes`);
