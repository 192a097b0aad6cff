import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, matchesGlob, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { gzip, isGzip, rotationTime } from "./rotated-name.ts";

/** A file that is there now. */
export interface Found {
  /** Without symbolic links. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
  /** When it was rotated, if its name says so, else when it was last written to; nanoseconds since 1970. */
  readonly age: bigint;
  /** A gzip file, by its name. */
  readonly compressed: boolean;
  /** Found among the rotated files only. */
  readonly rotated: boolean;
  /** The included path that it belongs to: its own, or that of the log it was rotated from. */
  readonly family: string;
}

export interface Search {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Globs; without them, `<stem>-*<ext>` and the same with `.gz` beside each family's path. */
  readonly rotated: readonly string[] | undefined;
  /** Paths, without symbolic links, under which files were first met. */
  readonly families: readonly string[];
  readonly complain: (path: string, error: unknown) => void;
  /** A rotated file was listed and is not there any more: the list is out of date. */
  readonly vanished: () => void;
}

/**
 * The files to read, each once whatever its number of names; oldest first, rotated files before the others. Included
 * paths are looked at before rotated ones, so that a file renamed meanwhile is seen twice rather than not at all.
 */
export const findFiles = async (search: Search): Promise<Found[]> => {
  const found = new Map<string, Found>();
  const add = async (path: string, family?: string) => {
    const file = await look(path, family, search);
    if (file && !found.has(keyOf(file))) found.set(keyOf(file), file);
    return file?.path ?? path;
  };
  const families = new Set<string>();
  const included = await inRealDirectories(await matching(search.include, search.exclude));
  for (const path of await finished(included, new Set(included))) families.add(await add(path));
  for (const path of new Set(search.families)) if (!families.has(path) && isIncluded(path, search)) families.add(path);
  const rotated = await rotatedPaths(search, families);
  for (const path of await finished(rotated, new Set([...rotated, ...families]))) {
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
const look = async (path: string, family: string | undefined, { complain, vanished }: Search) => {
  try {
    let real = path;
    let stats = await lstat(path, { bigint: true });
    if (stats.isSymbolicLink()) {
      const target = await realpath(path).catch(nowhere);
      if (target === undefined) return undefined;
      real = target;
      stats = await stat(real, { bigint: true });
    }
    if (!stats.isFile()) return undefined;
    const { dev, ino, size, mtimeNs } = stats;
    const place = { path: real, device: String(dev), inode: String(ino), size: Number(size), modified: mtimeNs };
    const kind = { compressed: isGzip(real), rotated: family !== undefined, family: family ?? real };
    return { ...place, ...kind, age: rotationTime(real) ?? mtimeNs } satisfies Found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") complain(path, error);
    else if (family !== undefined) vanished();
    return undefined;
  }
};

/** A link may lead to nothing for good; any other error is to be told. */
const nowhere = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "ENOENT") throw error;
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

/**
 * Without the compressed files that are still being written: their plain twins are removed when they are whole. A twin
 * listed at the same time as the compressed file is what was known of it in the same instant.
 */
const finished = async (paths: readonly string[], listed: ReadonlySet<string>): Promise<string[]> => {
  const left: string[] = [];
  for (const path of paths) {
    const twin = isGzip(path) ? path.slice(0, -gzip.length) : undefined;
    if (twin === undefined || !(listed.has(twin) || (await isThere(twin)))) left.push(path);
  }
  return left;
};

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const rotatedPaths = async ({ rotated, complain }: Search, families: ReadonlySet<string>): Promise<string[]> => {
  if (rotated) return inRealDirectories(await matching(rotated, []));
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

const isRotated = (name: string, log: string): boolean => {
  const plain = isGzip(name) ? name.slice(0, -gzip.length) : name;
  return name.startsWith(`${stemOf(log)}-`) && plain.endsWith(extname(log)) && name !== basename(log);
};

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

/** Rotated before current; then by age, names deciding when it is equal. */
const byAge = (a: Found, b: Found): number => {
  if (a.rotated !== b.rotated) return a.rotated ? -1 : 1;
  if (a.age !== b.age) return a.age < b.age ? -1 : 1;
  return a.path < b.path ? -1 : 1;
};
