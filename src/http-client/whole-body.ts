import { decompressorOf } from "../http/body.ts";
import type { HttpResponse } from "./client.ts";

/**
 * The body of an answer, decompressed. Rejects with a sentence when it is longer than `maxBody` (bytes, as it comes and
 * when it is decompressed), or not as its `Content-Encoding` says.
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
      // Leaving the loop ends the decompression.
      if (length > maxBody) break;
    }
  } catch (error) {
    throw new Error(`the answer is not as its Content-Encoding says: ${(error as Error).message}`);
  }
  if (length > maxBody) throw tooLong(maxBody);
  return Buffer.concat(parts, length);
};

const tooLong = (maxBody: number): Error =>
  new Error(`the answer is longer than ${maxBody} bytes, the most that is read`);
