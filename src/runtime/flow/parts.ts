import type { Part, Reading } from "../../plugin.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { handlersOf } from "./filling.ts";
import type { SourceDecoders } from "./source-decoders.ts";
import { type Draft, newDraft } from "./whole-reading.ts";

/** What the parts of a reading are decoded into, each like a stream of its own: one batch. */
export const draftOfParts = (
  reading: Reading,
  parts: readonly Part[],
  ingested: number,
  { decoders, ledger }: { readonly decoders: SourceDecoders; readonly ledger: Ledger },
): Draft => {
  const draft = newDraft();
  for (const { position, bytes, origin } of parts) {
    const own = { stream: `${reading.stream}/${position}`, origin };
    const decoder = decoders.ofPart(reading, own);
    const handlers = handlersOf(draft, own, (count) => ledger.note("zero_bytes", count));
    ledger.bytes += bytes.length;
    decoder.push(bytes, 0, ingested, handlers);
    decoder.end(ingested, handlers);
  }
  return draft;
};
