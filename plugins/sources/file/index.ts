import { setImmediate as nextTurn } from "node:timers/promises";
import { defineSource, option, type Reading } from "weir";
import { tailLength } from "./content/fingerprint.ts";
import { ReadAhead } from "./content/read-ahead.ts";
import { DirectoryWatch, directoriesToWatch } from "./discovery/directory-watch.ts";
import { Links } from "./discovery/links.ts";
import { PathGlob } from "./discovery/path-glob.ts";
import { Progress } from "./progress.ts";
import { SourceLog } from "./report.ts";
import { Schedule } from "./schedule.ts";
import { Catalogue } from "./streams/catalogue.ts";
import { hasEnded } from "./streams/has-ended.ts";
import type { Stream } from "./streams/stream.ts";

/** Large blocks keep the number of system calls low. */
const blockSize = 1024 * 1024;

/** How many streams are read in one round, before the source looks for changes again. */
const mostStreams = 64;

/** Decoded to the text itself. */
const glob = option.compiled("a path or glob", (text) => {
  if (text === "") throw new Error("it is empty");
  new PathGlob(text);
  return text;
});

export default defineSource({
  name: "file",
  summary: "Reads files and follows them as they grow, through rotation and restarts.",
  options: {
    include: option.list(glob, { minItems: 1 })("Paths or globs of the files to read.", {
      examples: [["/var/log/kubernetes/audit/audit.log"]],
    }),
    exclude: option.optional(option.list(glob)("Globs of files to skip although `include` matches them.")),
    follow: option.boolean("Keeps reading as files grow. If false, the source ends when everything is read.", {
      default: true,
    }),
    read_from: option.oneOf("beginning", "end")(
      "Where to start in files that exist at the very first start. Later files are read from the beginning.",
      {
        default: "beginning",
      },
    ),
    order: option.oneOf("time", "name")(
      "The order in which to read what the files contain at the start: the oldest first (`time`), or by path (`name`).",
      { default: "time" },
    ),
    rotated: option.optional(
      option.list(glob)(
        "Globs of rotated files. The default for `audit.log` is `audit-*.log` and `audit-*.log.gz` in the same directory.",
      ),
    ),
    link_targets: option.optional(
      option.list(option.path)(
        "Directories that symbolic links may lead into. Links to other places are not followed; with an empty list, no link is.",
        { examples: [["/var/log/pods"]] },
      ),
    ),
    max_open_files: option.optional(
      option.integer(
        "How many files to keep open. Beyond that, files are closed when they were read to their end, and opened again when they have grown. By default, all file sources together use half of the file descriptors that the process may have, at most 4096.",
        { minimum: 1 },
      ),
    ),
    poll_interval: option.window("How often to look for changes that the operating system does not report.", {
      default: "1s",
    }),
  },
  notes: `
weir recognises a file by its device and inode and by fingerprints of its content: of the first bytes, and of the bytes
before the position read to. It finds a renamed file again, and does not mistake a new file with a reused inode for the
old one. When a log is renamed and a new file takes its path, weir reads the old file to its end before the new one.
Files that were rotated while weir was down are read completely, oldest first. Rotated files from before the very first
start are not read, unless \`include\` matches them; the log says which. The first start counts once weir has looked for
files, even if they were empty or there were none.

**Globs.** \`*\` and \`?\` match within a name, also a dot at its beginning; \`**\` matches any number of directories, \`[a-z]\`
and \`[!a-z]\` one character, and \`{a,b}\` each alternative. A backslash makes the next character literal. If \`exclude\`
matches a directory, everything in it is excluded.

**Names of rotated files.** By default, weir recognises them by what was added to the name of their log: a number
(\`app.log.1\`), a date with or without a time (\`app.log-20260101\`, \`app-2026-01-01T10-00-00.000.log\`) or \`old\`, each with
\`.gz\` or without. For other names, set \`rotated\`. A rotated file that \`include\` matches belongs to its log, too, and is read
before it.

**Order.** What the files contain when weir starts is read file by file, the oldest first: by the time in the name of a
rotated file, otherwise by the time of the last modification; of numbered files, the highest number first. With
\`order: name\`, they are read in the order of their paths instead. After that, logs take turns, and the files of each log
are read in order.

**Links.** A symbolic link to a file, or to a directory that a glob matches, is followed to its real path if it belongs to
root, to the user who runs weir, or to the owner of its target: so the links of \`/var/log/containers\` are followed, but
a user with write access to a watched directory cannot make weir read files of others. With \`link_targets\`, the owner does
not matter, and the target must be in one of these directories. The log names links that are not followed. The directories
in \`include\` before the first \`*\` are followed in any case.

**Many files.** Of more files than \`max_open_files\`, those with nothing to read are closed. They are opened again when
they grow or are renamed. A file with less than 64 bytes stays open until it is read, also beyond the limit, because it
could not be recognised again. If a closed file is deleted before weir has noticed that it grew, the rest is lost. With more than
about 10,000 files, weir looks for changes less often than \`poll_interval\` says, so that this takes at most 4 % of the
time; files in watched directories are still read as soon as they are written to.

**Compressed files** (\`.gz\`) are decompressed while they are read. weir recognises a rotated file that has been
compressed by its first decompressed bytes, and continues where it stopped reading. Of a file that was already read to
its end, only what is appended later is read: data in a new gzip member. A compressed file is read once the uncompressed
file (the same name without \`.gz\`) is gone. If it is truncated or corrupt, weir reads everything before the damage and
logs an error. \`*.log\` does not match \`.gz\` files: to read those of the past too, include them (\`*.log.gz\`).

**Loss.** If a file is gone that was not read to its end as far as weir knows, the log says so at once, and once. weir keeps
its place for a minute, also over restarts, in case the file comes back. After that, it reads the rest from a copy of the
file, if it has seen one.

**Rotate by renaming.** If a log is copied and then truncated instead (copytruncate), weir finds the copy if \`rotated\`
matches it: it reads from the copy what it had not read of the log, and reads nothing twice. Data written between the
copy and the truncation is lost. If \`rotated\` matches no copy, all data not read before the truncation is lost. weir logs
how many bytes it knows to be lost.
`,
  async *read({
    config,
    checkpoints,
    descriptors,
    clock,
    log,
    signal,
    progress: tell,
    baselines = [],
  }): AsyncGenerator<Reading> {
    const { include, exclude = [], rotated, read_from: readFrom, poll_interval: interval, follow, order } = config;
    const maxOpenFiles = config.max_open_files;
    const report = new SourceLog(log);
    const links = new Links(config.link_targets, report.refusedLink);
    const files = { include, exclude, rotated, follow, order, maxOpenFiles, descriptors, links };
    const catalogue = new Catalogue({ ...files, baselines, readFrom, checkpoints, clock, report });
    const watch = new DirectoryWatch(clock, signal);
    const blocks = new ReadAhead(tailLength + blockSize, tailLength);
    const schedule = new Schedule(clock, interval);
    // A file that grows has no end that one could be on the way to.
    const progress = new Progress(clock, follow ? undefined : tell);
    try {
      while (!signal.aborted) {
        const { paths, renamed } = watch.take();
        for (const path of paths) catalogue.wakePath(path);
        if (renamed) schedule.hurry();
        if (!schedule.isScanning && schedule.isDue(catalogue.isStale)) schedule.start(catalogue.scan());
        const pending = yield* schedule.work();
        // Called before anything is read, so that data written after the read causes a notification.
        if (schedule.hasFinished && follow) watch.watchOnly(directoriesToWatch(include, catalogue.paths));

        const next = catalogue.next(mostStreams);
        for (const stream of next) yield* readBlock(stream, catalogue, blocks, clock.monotonic());
        // Without `follow`, a file is read until a read returns nothing.
        for (const stream of next) if (!follow && stream.handle && !stream.reader.idle) catalogue.wake(stream);
        for (const stream of schedule.hasFinished ? catalogue.active : next)
          if (stream.reader.isActive && hasEnded(stream, { follow, interval, now: clock.monotonic() }))
            yield await end(stream, catalogue, report, progress);
        // Before a scan is over, not all files are known.
        if (!schedule.isScanning) progress.report(() => catalogue.active);
        if (next.length > 0) continue;
        if (schedule.isScanning) {
          await (pending?.until ?? nextTurn());
          continue;
        }
        if (!follow && catalogue.active.length === 0) return progress.over();
        await watch.wait(Math.max(1, schedule.rest));
      }
    } finally {
      await schedule.stop();
      watch.close();
      await catalogue.close();
    }
  },
});

/** Reads one block of the stream. If the file turns out to be truncated, the next scan looks for a copy. */
async function* readBlock(
  stream: Stream,
  catalogue: Catalogue,
  blocks: ReadAhead,
  now: number,
): AsyncGenerator<Reading> {
  let bytes: Uint8Array | "truncated";
  try {
    if (!(await catalogue.ready(stream))) return;
    bytes = await stream.reader.read(blocks, now);
  } catch (error) {
    return await catalogue.fail(stream, error);
  }
  if (bytes === "truncated") return await catalogue.displace(stream);
  if (bytes.length === 0) return;
  yield stream.reading(bytes);
}

const end = async (stream: Stream, catalogue: Catalogue, report: SourceLog, progress: Progress): Promise<Reading> => {
  progress.ended(stream);
  const { gzipEnd } = stream.reader;
  if (gzipEnd === "truncated" || gzipEnd === "corrupt") report.brokenGzip(stream.path, stream.position);
  await catalogue.end(stream);
  return stream.reading(undefined, { end: true });
};
