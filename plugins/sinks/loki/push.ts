import type { Entry } from "./entries.ts";

interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: Entry[];
}

/** The body of a push: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs. Entries of a stream are in order. */
export const pushBody = (entries: readonly Entry[]): Buffer => {
  const streams = new Map<string, Stream>();
  for (const entry of entries) {
    const stream = streams.get(entry.key) ?? { stream: entry.labels, values: [] };
    streams.set(entry.key, stream);
    stream.values.push(entry);
  }
  const ordered = [...streams.values()].map(({ stream, values }) => ({
    stream,
    values: values.sort(byTime).map(valueIn),
  }));
  return Buffer.from(JSON.stringify({ streams: ordered }));
};

const byTime = (a: Entry, b: Entry): number => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0);

const valueIn = ({ time, line, metadata }: Entry) =>
  Object.keys(metadata).length === 0 ? [String(time), line] : [String(time), line, metadata];
