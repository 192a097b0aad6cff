import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, matchesGlob, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { isGzip, isRotatedName, logPathOf, rotationTime, withoutGzip } from "./rotated-name.ts";

/** A file as it was when it was found on disk. */
export interface FoundFile {
  /** Symbolic links are resolved. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  /** The rotation time if the name contains one, otherwise the modification time; nanoseconds since 1970. */
  readonly timestamp: bigint;
  /** A gzip file, judging by its name. */
  readonly compressed: boolean;
  /** Found as a rotated file, not through `include`. */
  readonly rotated: boolean;
  /** The path of the log that the file belongs to: its own path, or that of the log it was rotated from. */
  readonly logPath: string;
}

export interface Search {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Globs of rotated files. The default is `<stem>-*<ext>`, with and without `.gz`, beside each log. */
  readonly rotated: readonly string[] | undefined;
  /** Paths of the logs that are already known, with symbolic links resolved. */
  readonly logPaths: readonly string[];
  readonly onError: (path: string, error: unknown) => void;
  /** Called when a rotated file disappears between listing and `stat`, which means that the result is out of date. */
  readonly onVanished: () => void;
}

/**
 * Finds the files to read. Each file appears once, however many names it has. Rotated files come first, and within each
 * kind the oldest. Included paths are examined before rotated ones, so that a file that is renamed during the search is
 * seen twice rather than missed.
 */
export const findFiles = async (search: Search): Promise<FoundFile[]> => {
  const found = new Map<string, FoundFile>();
  const add = async (path: string, logPath?: string) => {
    const file = await examine(path, logPath, search);
    if (file && !found.has(fileKey(file))) found.set(fileKey(file), file);
    return file?.path ?? path;
  };
  const logPaths = new Set<string>();
  const included = await resolveDirectories(await expand(search.include, search.exclude));
  for (const path of await skipUnfinished(included, new Set(included))) logPaths.add(await add(path));
  for (const path of new Set(search.logPaths)) if (!logPaths.has(path) && isIncluded(path, search)) logPaths.add(path);
  const rotated = await listRotated(search, logPaths);
  for (const path of await skipUnfinished(rotated, new Set([...rotated, ...logPaths]))) {
    if (!logPaths.has(path)) await add(path, logPathOf(path, logPaths));
  }
  return [...found.values()].sort(inReadingOrder);
};

/** Identifies a file by device and inode, whatever its name. */
export const fileKey = ({ device, inode }: Pick<FoundFile, "device" | "inode">): string => `${device}:${inode}`;

/** Changes when the path leads to another file or the content may have changed. */
export const fileVersion = ({ path, size, modified }: FoundFile): string => `${path} ${size} ${modified}`;

/** Symbolic links in the directory of `path` are resolved; `path` itself may be one. */
const examine = async (path: string, logPath: string | undefined, { onError, onVanished }: Search) => {
  try {
    let real = path;
    let stats = await lstat(path, { bigint: true });
    if (stats.isSymbolicLink()) {
      const target = await realpath(path).catch(ignoreMissing);
      if (target === undefined) return undefined;
      real = target;
      stats = await stat(real, { bigint: true });
    }
    if (!stats.isFile()) return undefined;
    const { dev, ino, size, mtimeNs } = stats;
    const place = { path: real, device: String(dev), inode: String(ino), size: Number(size), modified: mtimeNs };
    const kind = { compressed: isGzip(real), rotated: logPath !== undefined, logPath: logPath ?? real };
    return { ...place, ...kind, timestamp: rotationTime(real) ?? mtimeNs } satisfies FoundFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") onError(path, error);
    else if (logPath !== undefined) onVanished();
    return undefined;
  }
};

/** A dangling link is not an error; anything else is. */
const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "ENOENT") throw error;
};

const expand = async (patterns: readonly string[], exclude: readonly string[]): Promise<string[]> => {
  if (exclude.length === 0 && !patterns.some((pattern) => isDynamicPattern(pattern)))
    return patterns.map((pattern) => resolve(pattern));
  return glob([...patterns], { ignore: [...exclude], absolute: true, dot: true, expandDirectories: false });
};

const isIncluded = (path: string, { include, exclude }: Search): boolean =>
  include.some((glob) => matchesGlob(path, resolve(glob))) && !exclude.some((glob) => matchesGlob(path, resolve(glob)));

/** Resolves the symbolic links in the directory of each path, as far as the directory exists. */
const resolveDirectories = async (paths: readonly string[]): Promise<string[]> => {
  const directories = new Map<string, string>();
  for (const directory of new Set(paths.map((path) => dirname(path)))) {
    directories.set(directory, await realpath(directory).catch(() => directory));
  }
  return paths.map((path) => join(directories.get(dirname(path))!, basename(path)));
};

/**
 * Leaves out compressed files whose uncompressed original still exists, because they may still be written. `listed` are
 * the paths from the same listing: checking them first avoids a race with the removal of the original.
 */
const skipUnfinished = async (paths: readonly string[], listed: ReadonlySet<string>): Promise<string[]> => {
  const finished: string[] = [];
  for (const path of paths) {
    const original = withoutGzip(path);
    if (original === path || !(listed.has(original) || (await exists(original)))) finished.push(path);
  }
  return finished;
};

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const listRotated = async ({ rotated, onError }: Search, logPaths: ReadonlySet<string>): Promise<string[]> => {
  if (rotated) return resolveDirectories(await expand(rotated, []));
  const paths: string[] = [];
  for (const directory of new Set([...logPaths].map((path) => dirname(path)))) {
    const names = await readdir(directory).catch((error) => {
      if (error.code !== "ENOENT") onError(directory, error);
      return [];
    });
    const logs = [...logPaths].filter((path) => dirname(path) === directory);
    for (const name of names) if (logs.some((log) => isRotatedName(name, log))) paths.push(join(directory, name));
  }
  return paths;
};

/** Rotated files first, then by timestamp, then by path. */
const inReadingOrder = (a: FoundFile, b: FoundFile): number => {
  if (a.rotated !== b.rotated) return a.rotated ? -1 : 1;
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return a.path < b.path ? -1 : 1;
};
