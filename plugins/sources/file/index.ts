import { defineSource, option, type Reading } from "weir";
import { tailLength } from "./content/fingerprint.ts";
import { ReadAhead } from "./content/read-ahead.ts";
import { DirectoryWatch, directoriesToWatch } from "./discovery/directory-watch.ts";
import { SourceLog } from "./report.ts";
import { Catalogue } from "./streams/catalogue.ts";
import type { Stream } from "./streams/stream.ts";

/** Large blocks keep the number of system calls low; small readings let the host do other work in between. */
const blockSize = 1024 * 1024;
const readingSize = 256 * 1024;

export default defineSource({
  name: "file",
  summary: "Reads files and follows them as they grow, through rotation and restarts.",
  options: {
    include: option.list(option.path, { minItems: 1 })("Paths or globs of the files to read.", {
      examples: [["/var/log/kubernetes/audit/audit.log"]],
    }),
    exclude: option.optional(option.list(option.path)("Globs of files to skip although `include` matches them.")),
    follow: option.boolean("Keeps reading as files grow. If false, the source ends when everything is read.", {
      default: true,
    }),
    read_from: option.oneOf("beginning", "end")(
      "Where to start in files that exist at the very first start. Later files are read from the beginning.",
      {
        default: "beginning",
      },
    ),
    rotated: option.optional(
      option.list(option.path)(
        "Globs of rotated files. The default for `audit.log` is `audit-*.log` and `audit-*.log.gz` in the same directory.",
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
start are not read. If other files match the default of \`rotated\`, set it to a narrower glob.

**Compressed files** (\`.gz\`) are decompressed while they are read. weir recognises a rotated file that has been
compressed by its first decompressed bytes, and continues where it stopped reading. A file that was already read to its
end is not read again. A compressed file is read once the uncompressed file (the same name without \`.gz\`) is gone. If it
is truncated or corrupt, weir reads everything before the damage and logs an error.

**Rotate by renaming.** If a log is copied and then truncated instead (copytruncate), weir finds the copy if \`rotated\`
matches it: it reads from the copy what it had not read of the log, and reads nothing twice. Data written between the
copy and the truncation is lost. If \`rotated\` matches no copy, all data not read before the truncation is lost. weir logs
how many bytes it knows to be lost.
`,
  async *read({ config, checkpoints, clock, log, signal }): AsyncGenerator<Reading> {
    const { include, exclude = [], rotated, read_from: readFrom, poll_interval: interval, follow } = config;
    const report = new SourceLog(log);
    const catalogue = new Catalogue({ include, exclude, rotated, follow, readFrom, checkpoints, clock, report });
    const watch = new DirectoryWatch(clock, signal);
    const blocks = new ReadAhead(tailLength + blockSize, tailLength);
    let scanned = Number.NEGATIVE_INFINITY;
    try {
      while (!signal.aborted) {
        const { paths, renamed } = watch.take();
        if (renamed || catalogue.isStale || clock.monotonic() - scanned >= interval) {
          yield* catalogue.scan();
          // Set after the scan, so that a slow scan leaves time to read.
          scanned = clock.monotonic();
          // Called before anything is read, so that data written after the read causes a notification.
          if (follow) watch.watchOnly(directoriesToWatch(include, catalogue.paths));
        }
        for (const { path, reader } of catalogue.open) {
          // Without `follow`, a file is read until a read returns nothing.
          if (paths.has(path) || (!follow && !reader.idle)) reader.atEnd = false;
        }

        const next = catalogue.next();
        for (const stream of next) yield* readBlock(stream, catalogue, blocks, clock.monotonic());
        for (const stream of catalogue.open)
          if (stream.hasEnded({ follow, interval, now: clock.monotonic() })) yield await end(stream, catalogue, report);
        if (next.length > 0) continue;
        if (!follow && catalogue.open.length === 0) return;
        await watch.wait(Math.max(1, scanned + interval - clock.monotonic()));
      }
    } finally {
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
    bytes = await stream.reader.read(blocks, now);
  } catch (error) {
    return await catalogue.fail(stream, error);
  }
  if (bytes === "truncated") return await catalogue.displace(stream);
  if (bytes.length === 0) return;
  const reading = stream.reading(bytes);
  for (let start = 0; start < bytes.length; start += readingSize)
    yield { ...reading, position: reading.position + start, bytes: bytes.subarray(start, start + readingSize) };
}

const end = async (stream: Stream, catalogue: Catalogue, report: SourceLog): Promise<Reading> => {
  const { gzipEnd } = stream.reader;
  if (gzipEnd === "truncated" || gzipEnd === "corrupt") report.brokenGzip(stream.path, stream.position);
  await catalogue.end(stream);
  return stream.reading(undefined, { end: true });
};
