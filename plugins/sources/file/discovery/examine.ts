import { type BigIntStats, lstat } from "node:fs";
import { stat } from "node:fs/promises";
import type { Links } from "./links.ts";
import { isGzip, rotationTime } from "./rotated-name.ts";

/** A regular file on disk. */
export interface ExaminedFile {
  /** Symbolic links are resolved. */
  readonly path: string;
  /** The link by which it was found. */
  readonly link?: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  /** The rotation time if the name contains one, otherwise the modification time; nanoseconds since 1970. */
  readonly timestamp: bigint;
  /** A gzip file, judging by its name. */
  readonly compressed: boolean;
}

/** What was found under a path; `undefined` if it is not a regular file. */
export type Examined = ExaminedFile | "missing" | Error | undefined;

/** Keeps the threads for file operations busy, and leaves some of them to others. */
const concurrency = 32;

/**
 * Examines files, many at a time: `lstat` with a callback costs a tenth of one with a promise. The result has one entry
 * for each path.
 */
export const examineAll = async (paths: readonly string[], links: Links): Promise<readonly Examined[]> => {
  const results: Examined[] = new Array(paths.length);
  const linked: number[] = [];
  await new Promise<void>((resolve) => {
    let [next, running] = [0, 0];
    const done = (index: number, error: NodeJS.ErrnoException | null, stats: BigIntStats) => {
      if (error) results[index] = asResult(error);
      else if (stats.isSymbolicLink()) linked.push(index);
      else results[index] = asFile(paths[index]!, stats);
      running--;
      start();
    };
    const start = () => {
      for (; running < concurrency && next < paths.length; running++) {
        const index = next++;
        lstat(paths[index]!, { bigint: true }, (error, stats) => done(index, error, stats));
      }
      if (running === 0) resolve();
    };
    start();
  });
  for (const index of linked) results[index] = await followLink(paths[index]!, links);
  return results;
};

/** A dangling link is not an error: it is as if there was nothing. */
const followLink = async (path: string, links: Links): Promise<ExaminedFile | Error | undefined> => {
  try {
    const real = await links.follow(path);
    if (real === undefined) return undefined;
    const file = asFile(real, await stat(real, { bigint: true }));
    return file && { ...file, link: path };
  } catch (error) {
    const result = asResult(error as NodeJS.ErrnoException);
    return result === "missing" ? undefined : result;
  }
};

const asResult = (error: NodeJS.ErrnoException): "missing" | Error => (error.code === "ENOENT" ? "missing" : error);

const asFile = (path: string, stats: BigIntStats): ExaminedFile | undefined => {
  if (!stats.isFile()) return undefined;
  const { dev, ino, size, mtimeNs } = stats;
  return {
    path,
    device: String(dev),
    inode: String(ino),
    size: Number(size),
    modified: mtimeNs,
    timestamp: rotationTime(path) ?? mtimeNs,
    compressed: isGzip(path),
  };
};
