import type { Meta } from "../event.ts";
import type { Data } from "../json.ts";

/** The field under which templates and steps read what weir knows about an event. No event can have it written. */
export const metaField = "_meta";

/** Whether a text that reads fields, such as a query or an expression, may read it. */
export const readsMeta = (text: string): boolean => text.includes(metaField);

/**
 * What weir knows about an event beside its data, as it is read under `_meta`: `source`, `stream`, `position`, `id`,
 * `ingested` as ISO 8601 text, and what the source says about the record, such as `log.file.path`.
 */
const metaView = ({ source, stream, position, id, ingested, origin }: Meta): Data => ({
  ...origin,
  source,
  stream,
  position,
  id,
  ingested: new Date(ingested).toISOString(),
});

/** The data of an event as templates and steps read it. */
export const withMeta = (data: Data, meta: Meta): Data => ({ ...data, [metaField]: metaView(meta) });
