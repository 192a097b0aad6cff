import { type Delivery, fingerprint, type Outcome } from "weir";
import { TemplateError } from "weir/fields";
import type { Compression } from "weir/http";
import type { DeliveryPlace } from "weir/sink";
import type { KeyPrefix } from "./key-template.ts";

export type Failure = NonNullable<Outcome["failed"]>[number];

/** An object to write: its key, and the events that it holds. */
export interface S3Object {
  readonly key: string;
  readonly events: readonly Delivery[];
}

const endings: Readonly<Record<Compression, string>> = { none: "", gzip: ".gz", zstd: ".zst" };

/**
 * The objects of a write, one for each beginning of a key. The name of an object is made of the place of its first event: however
 * the same events are divided into writes the next time, an object that was written and not recorded is written again.
 */
export const objectsOf = (
  events: readonly Delivery[],
  { writer, position }: DeliveryPlace,
  { prefix, compression }: { readonly prefix: KeyPrefix; readonly compression: Compression },
): { readonly objects: readonly S3Object[]; readonly failed: readonly Failure[] } => {
  const groups = new Map<string, { readonly first: number; readonly events: Delivery[] }>();
  const failed: Failure[] = [];
  for (const [index, event] of events.entries()) {
    try {
      const start = prefix.render(event);
      const group = groups.get(start);
      if (group) group.events.push(event);
      else groups.set(start, { first: position + index, events: [event] });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      failed.push({ index, message: `the event has no key: ${error.message}`, final: true });
    }
  }
  const objects = [...groups].map(([start, { first, events }]) => {
    // With the id, a position that was counted twice, because a database was lost, does not overwrite other events.
    const name = `${writer}-${String(first).padStart(12, "0")}-${fingerprint(events[0]!.id).slice(0, 8)}`;
    return { key: `${start}${name}.ndjson${endings[compression]}`, events };
  });
  return { objects, failed };
};
