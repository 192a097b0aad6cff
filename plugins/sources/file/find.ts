import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, matchesGlob, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";

/** A file that is there now. */
export interface Found {
  /** Without symbolic links. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  /** Found among the rotated files only. */
  readonly rotated: boolean;
  /** The included path that it belongs to: its own, or that of the log it was rotated from. */
  readonly family: string;
}

export interface Search {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Globs; without them, `<stem>-*<ext>` beside each family's path. */
  readonly rotated: readonly string[] | undefined;
  /** Paths, without symbolic links, under which files were first met. */
  readonly families: readonly string[];
  readonly complain: (path: string, error: unknown) => void;
}

/**
 * The files to read, each once whatever its number of names; oldest first, rotated files before the others. Included
 * paths are looked at before rotated ones, so that a file renamed meanwhile is seen twice rather than not at all.
 */
export const findFiles = async (search: Search): Promise<Found[]> => {
  const found = new Map<string, Found>();
  const add = async (path: string, family?: string) => {
    const file = await look(path, family, search.complain);
    if (file && !found.has(keyOf(file))) found.set(keyOf(file), file);
    return file?.path ?? path;
  };
  const families = new Set<string>();
  for (const path of await inRealDirectories(await matching(search.include, search.exclude))) {
    families.add(await add(path));
  }
  for (const path of new Set(search.families)) if (!families.has(path) && isIncluded(path, search)) families.add(path);
  for (const path of await rotatedPaths(search, families)) {
    if (!families.has(path)) await add(path, familyOf(path, families));
  }
  return [...found.values()].sort(byAge);
};

/** Directories whose changes may bring or move a file. */
export const directoriesOf = (include: readonly string[], paths: Iterable<string>): Set<string> => {
  const fixed = include.map((pattern) => {
    const parts = resolve(pattern).split("/");
    const magic = parts.findIndex((part) => isDynamicPattern(part));
    return parts.slice(0, magic < 0 ? -1 : magic).join("/") || "/";
  });
  return new Set([...fixed, ...[...paths].map((path) => dirname(path))]);
};

export const keyOf = ({ device, inode }: Found): string => `${device}:${inode}`;

/** Changes when the file may be another, or have other bytes. */
export const lookOf = ({ path, size, modified }: Found): string => `${path} ${size} ${modified}`;

/** `path` is in a directory without symbolic links; the last step may be one. */
const look = async (path: string, family: string | undefined, complain: Search["complain"]) => {
  try {
    let real = path;
    let stats = await lstat(path, { bigint: true });
    if (stats.isSymbolicLink()) {
      real = await realpath(path);
      stats = await stat(real, { bigint: true });
    }
    if (!stats.isFile()) return undefined;
    const { dev, ino, size, mtimeNs } = stats;
    const place = { path: real, device: String(dev), inode: String(ino), size: Number(size), modified: mtimeNs };
    return { ...place, rotated: family !== undefined, family: family ?? real } satisfies Found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") complain(path, error);
    return undefined;
  }
};

const matching = async (patterns: readonly string[], exclude: readonly string[]): Promise<string[]> => {
  if (exclude.length === 0 && !patterns.some((pattern) => isDynamicPattern(pattern)))
    return patterns.map((pattern) => resolve(pattern));
  return glob([...patterns], { ignore: [...exclude], absolute: true, dot: true, expandDirectories: false });
};

const isIncluded = (path: string, { include, exclude }: Search): boolean =>
  include.some((glob) => matchesGlob(path, resolve(glob))) && !exclude.some((glob) => matchesGlob(path, resolve(glob)));

/** The same paths with the symbolic links in their directories resolved, as far as these exist. */
const inRealDirectories = async (paths: readonly string[]): Promise<string[]> => {
  const directories = new Map<string, string>();
  for (const directory of new Set(paths.map((path) => dirname(path)))) {
    directories.set(directory, await realpath(directory).catch(() => directory));
  }
  return paths.map((path) => join(directories.get(dirname(path))!, basename(path)));
};

const rotatedPaths = async ({ rotated, complain }: Search, families: ReadonlySet<string>): Promise<string[]> => {
  if (rotated) return inRealDirectories((await matching(rotated, [])).filter((path) => !path.endsWith(".gz")));
  const paths: string[] = [];
  for (const directory of new Set([...families].map((path) => dirname(path)))) {
    const names = await readdir(directory).catch((error) => {
      if (error.code !== "ENOENT") complain(directory, error);
      return [];
    });
    const logs = [...families].filter((path) => dirname(path) === directory);
    for (const name of names) if (logs.some((log) => isRotated(name, log))) paths.push(join(directory, name));
  }
  return paths;
};

const stemOf = (path: string): string => basename(path, extname(path));

const isRotated = (name: string, log: string): boolean =>
  name.startsWith(`${stemOf(log)}-`) && name.endsWith(extname(log)) && name !== basename(log);

/** The log with the longest stem that the name begins with, in the same directory; else a family of its own. */
const familyOf = (path: string, families: ReadonlySet<string>): string => {
  let best = path;
  let length = -1;
  for (const family of families) {
    const stem = stemOf(family);
    if (dirname(family) !== dirname(path) || !basename(path).startsWith(stem) || stem.length <= length) continue;
    best = family;
    length = stem.length;
  }
  return best;
};

/** Rotated before current; then by the time of the last write, names deciding when it is equal. */
const byAge = (a: Found, b: Found): number => {
  if (a.rotated !== b.rotated) return a.rotated ? -1 : 1;
  if (a.modified !== b.modified) return a.modified < b.modified ? -1 : 1;
  return a.path < b.path ? -1 : 1;
};
