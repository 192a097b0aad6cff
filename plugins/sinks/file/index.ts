import { type Delivery, defineSink, type Json, type Option, type Outcome, option } from "weir";
import { inTurn } from "weir/sink";
import { BadPaths } from "./bad-paths.ts";
import { OutputFiles, type Recorded } from "./files.ts";
import { LineBlock } from "./line-block.ts";
import { isLasting } from "./path-error.ts";
import { checkBase, PathTemplate, pathPattern } from "./path-template.ts";
import { Rotation } from "./rotation.ts";
import { byPath, type Failure, type FileEvents, writeFiles } from "./write-files.ts";

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
  keepsEvents: false,
  notes: `
An event counts as delivered when its line is synced to disk. A write that fails is undone at once. If another program,
such as logrotate, renames or removes the file, the next write creates a new one. If weir is killed within a write, the file
ends with an incomplete line; after the restart, weir completes that line where it was cut, or removes it before it writes
others. It never changes an incomplete line that another program wrote: the next line starts on a new one.

**A path that cannot be written to** (a directory, a special file, a symbolic link below the first placeholder, a name that is
too long, no permission, a read-only file system) makes \`/ready\` fail, with its name. With placeholders, weir tries such a path
again for some seconds; then its events go to the dead letter, and all others are written. It stays in \`/ready\` until a write
to it succeeds, or 5 minutes after its last event. Without placeholders, or if nothing can be written below the directory
before the first placeholder, the events wait in the outbox. They also wait after errors that may pass, such as a full disk.

**Placeholders.** \`{{ field }}\` in the path is replaced by a value of the event; \`{{ field:-default }}\` gives a default
for events without one. An event without a value, or with several, goes to the dead letter. A value is always part of a
single name: \`/\` and control characters become \`_\`. No path leaves the directory that precedes the first placeholder,
not even through a symbolic link. The 64 most recently written files stay open.

**Rotation.** Before a write that would make the file too large, or once the file is too old, weir renames it to
\`<name>-<time in UTC><extension>\`, such as \`alerts-2006-01-02T15-04-05.000.ndjson\`, and starts a new one. A file that
receives no events is not rotated. Compression runs in the background and continues after a restart. A compressed file
gets its name only when it is complete.
`,
  async open({ config, recorded, clock, log, signal, save, trouble = () => undefined }) {
    const template = new PathTemplate(config.path);
    const rotation = new Rotation(config.rotate, clock, log);
    const files = new OutputFiles(recorded as Recorded | undefined, rotation, template.base);
    const block = new LineBlock();
    const bad = new BadPaths({ clock, signal, trouble });
    // Reports a path that cannot be written at the start.
    if (template.base !== undefined) await checkBase(template.base);
    else await files.get(template.fixed!).open();
    const isFinal = async ({ path }: FileEvents, error: Error): Promise<boolean> => {
      if (!isLasting(error)) return false;
      const wrong = template.base === undefined ? error : await checkBase(template.base).then(() => undefined, asError);
      return wrong ? bad.allFailed(wrong.message) : bad.failed(path, error.message);
    };
    const recordOf = () => files.record as unknown as Json;
    const write = async (events: readonly Delivery[], attempt: AbortSignal): Promise<Outcome | undefined> => {
      if (events.length === 0) return undefined;
      attempt.throwIfAborted();
      const failed: Failure[] = [];
      await writeFiles(events, byPath(template, events, failed), {
        files,
        block,
        save: async () => save?.(recordOf(), attempt),
        done: async (target, error) => {
          if (!error) return bad.succeeded(target.path);
          const final = await isFinal(target, error);
          for (const index of target.indexes) failed.push({ index, message: error.message, final });
        },
      });
      return { record: recordOf(), failed };
    };
    return {
      write: inTurn(write),
      close: async () => {
        await Promise.all([files.close(), rotation.close()]);
      },
    };
  },
});

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
