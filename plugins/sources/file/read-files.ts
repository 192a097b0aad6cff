import { setImmediate as nextTurn } from "node:timers/promises";
import type { Reading, SourceContext } from "weir";
import { tailLength } from "./content/fingerprint.ts";
import { ReadAhead } from "./content/read-ahead.ts";
import { DirectoryWatch, directoriesToWatch } from "./discovery/directory-watch.ts";
import { Links } from "./discovery/links.ts";
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

/** What is read, and how: the options of the source `file`. */
export interface FileConfig {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly follow: boolean;
  readonly read_from: "beginning" | "end";
  readonly order: "time" | "name";
  readonly rotated?: readonly string[];
  readonly link_targets?: readonly string[];
  readonly max_open_files?: number;
  /** In milliseconds. */
  readonly poll_interval: number;
}

/** Says which files must not be read yet. They are found, and kept open, all the same. */
export interface ReadingGate {
  /** Whether the file at this path must not be read yet. */
  holds(path: string): boolean;
  /** Called once: from now on, the gate calls `wake` when it no longer holds a file. */
  onOpened(wake: () => void): void;
}

/** Reads files, and follows them as they grow. */
export async function* readFiles({
  config,
  checkpoints,
  descriptors,
  clock,
  log,
  signal,
  progress: tell,
  baselines = [],
  gate,
}: SourceContext<FileConfig> & { readonly gate?: ReadingGate | undefined }): AsyncGenerator<Reading> {
  const { include, exclude = [], rotated, read_from: readFrom, poll_interval: interval, follow, order } = config;
  const maxOpenFiles = config.max_open_files;
  const report = new SourceLog(log);
  const links = new Links(config.link_targets, report.refusedLink);
  const files = { include, exclude, rotated, follow, order, maxOpenFiles, descriptors, links };
  const holds = gate && ((path: string) => gate.holds(path));
  const catalogue = new Catalogue({ ...files, baselines, readFrom, checkpoints, clock, report, holds });
  const watch = new DirectoryWatch(clock, signal);
  gate?.onOpened(watch.wake);
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
}

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
