import { type Delivery, defineSink, type Failure, type Json, type Option, option } from "weir";
import { Files, type Recorded } from "./files.ts";
import { PathTemplate, pathPattern } from "./path-template.ts";
import { Rotation } from "./rotation.ts";

const pathOption: Option<string> = {
  ...option.path(
    "The file to append to; it and its directories are made if need be. `{{ field }}` stands for an event's value.",
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
    encoding: option.oneOf("json")("How an event becomes a line.", { default: "json" }),
    rotate: option.group({
      size: option.optional(
        option.bytes("A file gets no write that would make it larger than this.", { examples: ["100MiB"] }),
      ),
      every: option.optional(option.window("A file that was begun so long ago gets no more.", { examples: ["1d"] })),
      keep: option.integer("How many rotated files are kept for each path; older ones are removed.", {
        default: 7,
        minimum: 0,
      }),
      compress: option.boolean("Rotated files are compressed with gzip.", { default: false }),
    })("When a file is given another name and a new one is begun; without `size` and `every`, never."),
  },
  delivery: { concurrency: "one" },
  notes: `
An event counts as delivered when its line is synced to disk. A write that fails is cut back at once. If the file is
renamed or removed meanwhile, for example by logrotate, the next write makes it anew. After a crash only an unterminated
last line is cut, and only if weir wrote it.

**Placeholders.** \`{{ field }}\` in the path stands for an event's value, and \`{{ field:-otherwise }}\` for one that may be
missing; an event without a value, or with several, goes to the dead letter. A value is a name or a part of one: \`/\` and
control characters become \`_\`. No event's path leaves the directories that are written before the first placeholder,
through a symbolic link neither. The 64 files written last stay open.

**Rotation.** Before a line would make the file too large, or when it has become too old, it is renamed to
\`<name>-<time in UTC><extension>\`, such as \`alerts-2006-01-02T15-04-05.000.ndjson\`, and begun anew. A file that gets no
events is not rotated. Compressing holds up no event; it is finished after a restart, and a compressed file has its
name only when it is whole.
`,
  async open({ config, recorded, clock, log }) {
    const template = new PathTemplate(config.path);
    const rotation = new Rotation(config.rotate, clock, log);
    const files = await Files.open(recorded as Recorded | undefined, rotation, template.base);
    // A path that cannot be written is told at once.
    if (template.fixed !== undefined) await files.get(template.fixed).open();
    return {
      write: async (events) => {
        if (events.length === 0) return undefined;
        const failed: Failure[] = [];
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

interface Share {
  readonly path: string;
  /** Where its events are in the batch. */
  readonly indexes: number[];
}

/** The events of each file, in their order; those that have no file are `failed`. */
const byPath = (template: PathTemplate, events: readonly Delivery[], failed: Failure[]): Iterable<Share> => {
  if (template.fixed !== undefined) return [{ path: template.fixed, indexes: [...events.keys()] }];
  const shares = new Map<string, Share>();
  for (const [index, event] of events.entries()) {
    try {
      const path = template.render(event.data);
      const share = shares.get(path) ?? { path, indexes: [] };
      share.indexes.push(index);
      shares.set(path, share);
    } catch (error) {
      failed.push({ index, message: (error as Error).message, final: true });
    }
  }
  return shares.values();
};
