import type { Decompressor } from "../content-encoding.ts";
import { Refusal } from "../problem.ts";

/** What precedes each message: whether it is compressed, and its length. */
const headLength = 5;

/** A message as gRPC sends it, uncompressed: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
export const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.alloc(headLength + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, headLength);
  return frame;
};

/**
 * Takes the one message of a unary call out of its frame, and decompresses it. The result is no part of what was sent. Rejects with a `Refusal`, 400, if
 * there is not exactly one message.
 */
export const messageOf =
  (decompress: Decompressor | undefined): Decompressor =>
  async (sent, maxBody) => {
    if (sent.length < headLength) throw new Refusal(400, "The call has no message; one is expected.");
    const length = sent.readUInt32BE(1);
    const message = sent.subarray(headLength);
    if (length !== message.length)
      throw new Refusal(
        400,
        `The frame of the message says that it has ${length} bytes, but ${message.length} were sent; one message is expected.`,
      );
    if (sent[0] === 0) return Buffer.from(message);
    if (sent[0] !== 1) throw new Refusal(400, `The frame of the message begins with ${sent[0]}; 0 or 1 is expected.`);
    if (decompress) return decompress(message, maxBody);
    throw new Refusal(400, "The message is marked as compressed, but the call has no grpc-encoding.");
  };
