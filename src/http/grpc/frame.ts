import type { Decompressor } from "../content-encoding.ts";
import type { Envelope } from "../intake.ts";
import { Refusal } from "../problem.ts";

/** The bytes before each message: whether it is compressed, and its length. */
const headLength = 5;

/** A message as gRPC sends it, uncompressed: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
export const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.alloc(headLength + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, headLength);
  return frame;
};

/**
 * The frame of the one message of a unary call, which is decompressed. The result shares no memory with `sent`. Rejects with a `Refusal`,
 * 400, unless there is exactly one message.
 */
export const envelopeOf = (decompress: Decompressor | undefined): Envelope => ({
  unwrap: messageOf(decompress),
  overhead: headLength,
});

const messageOf =
  (decompress: Decompressor | undefined): Decompressor =>
  async (sent, maxBody) => {
    if (sent.length < headLength) throw new Refusal(400, "The call has no message; one is expected.");
    const length = sent.readUInt32BE(1);
    const message = sent.subarray(headLength);
    if (length !== message.length)
      throw new Refusal(
        400,
        `The message frame announces ${length} bytes, but ${message.length} were sent; exactly one message is expected.`,
      );
    if (sent[0] === 0) return Buffer.from(message);
    if (sent[0] !== 1) throw new Refusal(400, `The message frame begins with ${sent[0]}; 0 or 1 is expected.`);
    if (decompress) return decompress(message, maxBody);
    throw new Refusal(400, "The message is marked as compressed, but the call has no grpc-encoding.");
  };
