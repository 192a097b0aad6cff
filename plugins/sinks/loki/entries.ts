import type { Delivery } from "weir";
import { parseMoment, type Template, TemplateError } from "weir/fields";

type Templates = readonly (readonly [name: string, template: Template])[];

/** An event as an entry in Loki. */
export interface Entry {
  /** Names the stream: equal for equal labels. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface EntryTemplates {
  readonly labels: Templates;
  readonly metadata: Templates;
  /** Without it, the line is the event as JSON. */
  readonly line: Template | undefined;
}

/** Throws a TemplateError for an event without a value for a label or its line. */
export const entryOf = ({ data, json, meta }: Delivery, { labels, metadata, line }: EntryTemplates): Entry => {
  const rendered = Object.fromEntries(labels.map(([name, template]) => [name, template.render(data, unquoted, meta)]));
  // Loki ignores labels with an empty value.
  if (Object.values(rendered).every((value) => value === "")) throw new TemplateError("all of its labels are empty");
  return {
    key: JSON.stringify(rendered),
    labels: rendered,
    time: timeOf(data["@timestamp"]) ?? BigInt(meta.ingested) * 1_000_000n,
    line: line ? line.render(data, unquoted, meta) : json,
    metadata: Object.fromEntries(metadata.flatMap(([name, template]) => metadatum(name, template, data, meta))),
  };
};

const unquoted = (value: string): string => value;

/** An event without a value has none of this metadata. */
const metadatum = (name: string, template: Template, data: Delivery["data"], meta: Delivery["meta"]) => {
  try {
    return [[name, template.render(data, unquoted, meta)] as const];
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
};

const mostTime = 2n ** 63n - 1n;

/** Loki stores nanoseconds in a signed 64-bit integer. */
const timeOf = (value: unknown): bigint | undefined => {
  const moment = typeof value === "string" || typeof value === "number" ? parseMoment(String(value)) : undefined;
  if (!moment) return undefined;
  const time = BigInt(moment.at) * 1_000_000n + BigInt(moment.nanos);
  return time > 0n && time <= mostTime ? time : undefined;
};
