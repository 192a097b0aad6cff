import type { Passer } from "../scan/passer.ts";
import { mark } from "./json-scan.ts";
import type { DecoderOptions } from "./options.ts";

/**
 * Whether a whole stream is one record that nobody can want. Then it needs no decoder: for a request with one event, making
 * it would be most of the work. False is no verdict, and neither are bytes that are not UTF-8 or not JSON: the decoder decides.
 */
export const isPassedAlone = (
  bytes: Uint8Array,
  framing: DecoderOptions["framing"],
  { maxLine, splitItems }: DecoderOptions,
  passer: Pick<Passer, "isReady" | "passesAlone">,
): boolean => {
  if (framing !== "items" || bytes.length > maxLine || bytes[0] !== mark.open) return false;
  const body = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // It may be a list, whose items are the records. A name with an escape is never passed over.
  if (splitItems !== "never" && body.includes(itemsName)) return false;
  return passer.isReady && passer.passesAlone(body);
};

/** The end of the name `items`: there are fewer `i` to look at than quotes. */
const itemsName = 'items"';
