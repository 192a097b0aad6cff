import type { Passer } from "../scan/passer.ts";
import { mark } from "./json-scan.ts";
import type { DecoderOptions } from "./options.ts";

/** What decides how a body is read. */
export interface AloneOptions extends Pick<DecoderOptions, "framing" | "maxLine" | "splitItems"> {
  readonly passer: Pick<Passer, "isReady" | "passesAlone">;
}

/**
 * Whether a whole stream is one record that nobody can want. Then it needs no decoder: for a request with one event, making
 * it would be most of the work. False is no verdict, and neither are bytes that are not UTF-8 or not JSON: the decoder decides.
 */
export const isPassedAlone = (body: Buffer, { framing, maxLine, splitItems, passer }: AloneOptions): boolean => {
  if (framing !== "items" || body.length > maxLine || body[0] !== mark.open) return false;
  // It may be a list, whose items are the records. A name with an escape is never passed over.
  if (splitItems !== "never" && body.includes(itemsName)) return false;
  return passer.isReady && passer.passesAlone(body);
};

/** The end of the name `items`: there are fewer `i` to look at than quotes. */
const itemsName = 'items"';
