import { type Delivery, fingerprint, type Outcome } from "weir";
import { type Template, TemplateError } from "weir/fields";
import type { DeliveryPlace } from "weir/sink";

export type Failure = NonNullable<Outcome["failed"]>[number];

/** An event in the form in which it is written. */
export interface Entry {
  /** The index of the event in its write. */
  readonly index: number;
  /** How many events came before it. */
  readonly place: number;
  /** The same whenever the same event comes at the same place. */
  readonly name: string;
  /** Field names and values of a stream entry, or the value for a list or a channel. */
  readonly texts: readonly string[];
  /** Length of the texts, in UTF-16 units. */
  readonly size: number;
}

export interface EntryOptions {
  readonly key: Template;
  /** Fields of stream entries. Without them, an entry is the event alone. */
  readonly fields: EntryFields | undefined;
}

export interface EntryFields {
  readonly event: string;
  readonly id: string;
  readonly more: readonly (readonly [name: string, value: Template])[];
}

/** The entries of a write, by key. An event without a value for a placeholder fails. */
export const entriesOf = (
  events: readonly Delivery[],
  { position }: DeliveryPlace,
  options: EntryOptions,
): { readonly byKey: ReadonlyMap<string, readonly Entry[]>; readonly failed: readonly Failure[] } => {
  const byKey = new Map<string, Entry[]>();
  const failed: Failure[] = [];
  for (const [index, event] of events.entries()) {
    try {
      const key = render(options.key, event);
      if (key === "") throw new TemplateError("its key is empty");
      const texts = textsOf(event, options.fields);
      const place = position + index;
      const size = texts.reduce((total, text) => total + text.length, 0);
      // Includes a hash of the event, so that a place used twice, because a database was lost, hides no other event.
      const name = `${place}:${fingerprint(`${event.id}\n${event.json}`).slice(0, 16)}`;
      const entry = { index, place, name, texts, size };
      const others = byKey.get(key);
      if (others) others.push(entry);
      else byKey.set(key, [entry]);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      failed.push({ index, message: `cannot write the event: ${error.message}`, final: true });
    }
  }
  return { byKey, failed };
};

const render = (template: Template, { data, meta }: Delivery): string =>
  template.render(data, (value) => value.toWellFormed(), meta);

const textsOf = (event: Delivery, fields: EntryFields | undefined): readonly string[] => {
  if (!fields) return [event.json];
  const more = fields.more.flatMap(([name, value]) => [name, render(value, event)]);
  return [fields.event, event.json, fields.id, event.id, ...more];
};

/** Limits for one run of the script, during which the server answers no other client. The size is in UTF-16 units. */
const mostEntries = 500;
const mostSize = 1024 * 1024;

/** Splits entries into parts, each for one run of the script. */
export const inParts = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const parts: Entry[][] = [];
  let size = 0;
  for (const entry of entries) {
    const last = parts.at(-1);
    if (last && last.length < mostEntries && size + entry.size <= mostSize) last.push(entry);
    else {
      parts.push([entry]);
      size = 0;
    }
    size += entry.size;
  }
  return parts;
};

/** The key of the set of names. Its hash tag puts it on the same server as the events. */
export const namesKey = (key: string, writer: string): string =>
  `${/\{[^}]+\}/.test(key) ? key : `{${key}}`}:weir:${writer}`;
