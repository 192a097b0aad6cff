import { defineSource, option, type Reading } from "weir";
import { Catalogue } from "./catalogue.ts";
import { directoriesOf } from "./find.ts";
import { tailLength } from "./print.ts";
import { endOf, readNext } from "./read.ts";
import { ReadAhead } from "./read-ahead.ts";
import { Report } from "./report.ts";
import { DirectoryWatch } from "./watch.ts";

const blockSize = 1024 * 1024;

export default defineSource({
  name: "file",
  summary: "Reads files and follows them as they grow, through rotation and restarts.",
  options: {
    include: option.list(option.path, { minItems: 1 })("Paths or globs of the files to read.", {
      examples: [["/var/log/kubernetes/audit/audit.log"]],
    }),
    exclude: option.optional(option.list(option.path)("Globs of files that `include` matches and that are not read.")),
    follow: option.boolean("Waits for more at the end of a file; otherwise the source ends when all is read.", {
      default: true,
    }),
    read_from: option.oneOf("beginning", "end")(
      "Where to begin in files that are there at the very first start; later files are read from the beginning.",
      {
        default: "beginning",
      },
    ),
    rotated: option.optional(
      option.list(option.path)(
        "Globs of the names that files get by rotation. Without it, those of `audit.log` are `audit-*.log` and `audit-*.log.gz` beside it.",
      ),
    ),
    poll_interval: option.window("How often to look for changes that the system does not announce.", {
      default: "1s",
    }),
  },
  notes: `
A file is known by its device and inode and by digests of its first bytes and of those before the place read to, so
that it is found again under another name and a reused inode is not taken for it. When a file is renamed and its path
gets a new one, the old one is read to its end before the new one. Files rotated while weir was down are read whole,
oldest first; those that were there before the very first start are not. If other files share the names of \`rotated\`,
set it to a narrower glob.

**Compressed files** (\`.gz\`) are decompressed as they are read. A rotated file that was compressed meanwhile is known by
its first decompressed bytes and goes on where reading stopped; one that was read to its end is not read again. A file
is taken when its plain twin (the same name without \`.gz\`) is gone. Of a broken one everything before the break is read,
and the log says so.

**Rotate by renaming.** Where a file is copied and then cut in place (copytruncate), the copy is found if \`rotated\` names
it: what had not been read of the file is read from there, and nothing is read twice. What was written after the copy was
made and before the cut is lost to everybody; without a copy that \`rotated\` names, so is all that was not read yet. The
log says how many bytes weir knows of.
`,
  async *read({ config, checkpoints, clock, log, signal }): AsyncGenerator<Reading> {
    const { include, exclude = [], rotated, read_from: readFrom, poll_interval: interval, follow } = config;
    const report = new Report(log);
    const catalogue = new Catalogue({ include, exclude, rotated, follow, readFrom, checkpoints, clock, report });
    const watch = new DirectoryWatch(clock, signal);
    const blocks = new ReadAhead(tailLength + blockSize, tailLength);
    let polled = Number.NEGATIVE_INFINITY;
    try {
      while (!signal.aborted) {
        const { paths, renamed } = watch.take();
        if (renamed || catalogue.stale || clock.now() - polled >= interval) {
          yield* catalogue.scan();
          // After it, so that a slow look leaves time to read.
          polled = clock.now();
          // Before anything is read: what is written after a read is then announced.
          if (follow) watch.cover(directoriesOf(include, catalogue.paths));
        }
        for (const stream of catalogue.open) {
          // Without `follow` a file is read on at once until a read brings nothing.
          if (paths.has(stream.path) || (!follow && !stream.quiet)) stream.drained = false;
        }

        const next = catalogue.next();
        for (const stream of next) yield* readNext({ stream, catalogue, blocks, clock });
        for (const stream of catalogue.open)
          yield* endOf({ stream, catalogue, follow, interval, now: clock.now(), report });
        if (next.length > 0) continue;
        if (!follow && catalogue.open.length === 0) return;
        await watch.wait(Math.max(1, polled + interval - clock.now()));
      }
    } finally {
      watch.close();
      await catalogue.close();
    }
  },
});
