import { type Delivery, defineSink, type Json, type Option, type Outcome, option } from "weir";
import { OutputFiles, type Recorded } from "./files.ts";
import { PathTemplate, pathPattern } from "./path-template.ts";
import { Rotation } from "./rotation.ts";

const pathOption: Option<string> = {
  ...option.path(
    "The file to append to. weir creates it and its directories. `{{ field }}` is replaced by a value of the event.",
    { examples: ["alerts.ndjson", "/var/log/weir/{{ data_stream.dataset }}.ndjson"] },
  ),
  title: "a file path, with placeholders such as {{ field }}",
  pattern: pathPattern,
};

export default defineSink({
  name: "file",
  summary: "Appends events to a file, one line of JSON each.",
  options: {
    path: pathOption,
    encoding: option.oneOf("json")("The format of a line.", { default: "json" }),
    rotate: option.group({
      size: option.optional(
        option.bytes("Rotates the file before a write that would make it larger than this.", { examples: ["100MiB"] }),
      ),
      every: option.optional(
        option.window("Rotates the file before the next write once it is this old.", { examples: ["1d"] }),
      ),
      keep: option.integer("How many rotated files to keep for each path. Older ones are removed.", {
        default: 7,
        minimum: 0,
      }),
      compress: option.boolean("Compresses rotated files with gzip.", { default: false }),
    })("When to rename the file and start a new one. Without `size` and `every`, never."),
  },
  delivery: { concurrency: "one" },
  notes: `
An event counts as delivered when its line is synced to disk. A write that fails is undone at once. If another program,
such as logrotate, renames or removes the file, the next write creates a new one. After a crash, weir removes an incomplete
last line, but only if weir wrote it.

**Placeholders.** \`{{ field }}\` in the path is replaced by a value of the event; \`{{ field:-default }}\` gives a default
for events without one. An event without a value, or with several, goes to the dead letter. A value is always part of a
single name: \`/\` and control characters become \`_\`. No path leaves the directory that precedes the first placeholder,
not even through a symbolic link. The 64 most recently written files stay open.

**Rotation.** Before a write that would make the file too large, or once the file is too old, weir renames it to
\`<name>-<time in UTC><extension>\`, such as \`alerts-2006-01-02T15-04-05.000.ndjson\`, and starts a new one. A file that
receives no events is not rotated. Compression runs in the background and continues after a restart. A compressed file
gets its name only when it is complete.
`,
  async open({ config, recorded, clock, log }) {
    const template = new PathTemplate(config.path);
    const rotation = new Rotation(config.rotate, clock, log);
    const files = await OutputFiles.open(recorded as Recorded | undefined, rotation, template.base);
    // Reports a path that cannot be written at the start.
    if (template.fixed !== undefined) await files.get(template.fixed).open();
    return {
      write: async (events) => {
        if (events.length === 0) return undefined;
        const failed: Failed = [];
        for (const { path, indexes } of byPath(template, events, failed)) {
          const lines = Buffer.from(indexes.map((index) => `${events[index]!.json}\n`).join(""));
          try {
            await files.get(path).append(lines);
          } catch (error) {
            if (template.fixed !== undefined) throw error;
            for (const index of indexes) failed.push({ index, message: (error as Error).message, final: false });
          }
          await files.closeOld();
        }
        return { record: files.record as unknown as Json, ...(failed.length > 0 && { failed }) };
      },
      close: async () => {
        await Promise.all([files.close(), rotation.close()]);
      },
    };
  },
});

interface FileEvents {
  readonly path: string;
  /** The indexes of its events in the batch. */
  readonly indexes: number[];
}

type Failed = NonNullable<Outcome["failed"]>[number][];

/** The events of each file, in order. Events for which there is no path are added to `failed`. */
const byPath = (template: PathTemplate, events: readonly Delivery[], failed: Failed): Iterable<FileEvents> => {
  if (template.fixed !== undefined) return [{ path: template.fixed, indexes: [...events.keys()] }];
  const files = new Map<string, FileEvents>();
  for (const [index, event] of events.entries()) {
    try {
      const path = template.render(event.data);
      const file = files.get(path) ?? { path, indexes: [] };
      file.indexes.push(index);
      files.set(path, file);
    } catch (error) {
      failed.push({ index, message: (error as Error).message, final: true });
    }
  }
  return files.values();
};
