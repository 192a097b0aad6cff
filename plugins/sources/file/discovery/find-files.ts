import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { breathe } from "./breathe.ts";
import { type Examined, type ExaminedFile, examineAll } from "./examine.ts";
import { fixedDirectory, type Links } from "./links.ts";
import { PathGlob } from "./path-glob.ts";
import { generationOf, gzipSuffix, isGzip, rotatedFrom, withoutGzip } from "./rotated-name.ts";

/** A file as it was when it was found on disk. */
export interface FoundFile extends ExaminedFile {
  /** Found through `include`. */
  readonly included: boolean;
  /** Rotated from the log `logPath`, judging by its name. */
  readonly rotated: boolean;
  /** The path of the log that the file belongs to: its own path, or that of the log it was rotated from. */
  readonly logPath: string;
}

export interface Search {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Globs of rotated files. By default, the files beside each log that have the name of a rotated one. */
  readonly rotated: readonly string[] | undefined;
  /** Paths of the logs that are already known, with symbolic links resolved. */
  readonly logPaths: readonly string[];
  readonly links: Links;
  readonly onError: (path: string, error: unknown) => void;
  /** Called when a rotated file disappears between listing and `stat`, which means that the result is out of date. */
  readonly onVanished: () => void;
}

/**
 * Finds the files to read. Each file appears once, however many names it has. Rotated files come first, and within each
 * kind the oldest. Included paths are examined before rotated ones, so that a file that is renamed during the search is
 * seen twice rather than missed. With many files, the work is divided into several turns of the event loop.
 */
export const findFiles = async (search: Search): Promise<FoundFile[]> => {
  const found = new Map<string, FoundFile>();
  const add = (file: FoundFile) => {
    const key = fileKey(file);
    if (!found.has(key)) found.set(key, file);
  };
  const { files, paths } = await findIncluded(search);
  await breathe(paths.length);
  const logPaths = logsOf(paths, search);
  await breathe(paths.length);
  for (const file of files) {
    const logPath = rotatedPath(file.path, logPaths);
    add({ ...file, included: true, rotated: logPath !== undefined, logPath: logPath ?? file.path });
  }
  for (const file of await findRotated(search, logPaths)) add(file);
  await breathe(found.size);
  return numbered([...found.values()]).sort(inReadingOrder);
};

/** The compressed files that `include` would match without their `.gz`, whose uncompressed original is gone. */
export const findCompressed = async ({
  include,
  exclude,
  links,
}: Pick<Search, "include" | "exclude" | "links">): Promise<string[]> => {
  const patterns = include.filter((pattern) => isDynamicPattern(pattern) && !isGzip(pattern));
  if (patterns.length === 0) return [];
  const compressed = patterns.map((pattern) => pattern + gzipSuffix);
  const listed = await expand(compressed, exclude, links);
  return skipUnfinished(listed, new Set(listed));
};

/** The paths that match, with the symbolic links in their directories resolved. */
export const findPaths = (patterns: readonly string[], links: Links): Promise<string[]> => expand(patterns, [], links);

/** The included files, and all included paths: of a file that is missing or unreadable, too. */
const findIncluded = async (search: Search) => {
  const listed = await expand(search.include, search.exclude, search.links);
  const paths = await skipUnfinished(listed, new Set(listed));
  const examined = await examineAll(paths, search.links);
  const files = filesOf(paths, examined, search.onError);
  return { files, paths: paths.map((path, index) => pathOf(examined[index]) ?? path) };
};

/** The logs: included paths, and known logs that are still included, without those rotated from another one. */
const logsOf = (included: readonly string[], search: Search): Set<string> => {
  const paths = new Set(included);
  for (const path of new Set(search.logPaths)) if (!paths.has(path) && isIncluded(path, search)) paths.add(path);
  return new Set([...paths].filter((path) => rotatedPath(path, paths) === undefined));
};

/** The log that a file was rotated from, judging by its name. */
const rotatedPath = (path: string, logPaths: ReadonlySet<string>): string | undefined => {
  const directory = dirname(path);
  const log = rotatedFrom(basename(path), (name) => logPaths.has(join(directory, name)));
  return log && join(directory, log);
};

/** The rotated files of these logs that are not included themselves. */
export const findRotated = async (search: Search, logPaths: ReadonlySet<string>): Promise<FoundFile[]> => {
  const listed = await listRotated(search, logPaths);
  await breathe(listed.length);
  const finished = await skipUnfinished(listed, new Set([...listed, ...logPaths]));
  const paths = finished.filter((path) => !logPaths.has(path));
  const examined = await examineAll(paths, search.links);
  if (examined.includes("missing")) search.onVanished();
  const logOf = logFinder(logPaths);
  return filesOf(paths, examined, search.onError).map((file) => ({
    ...file,
    included: false,
    rotated: true,
    logPath: rotatedPath(file.path, logPaths) ?? logOf(file.path),
  }));
};

const pathOf = (result: Examined): string | undefined =>
  result && result !== "missing" && !(result instanceof Error) ? result.path : undefined;

const filesOf = (paths: readonly string[], results: readonly Examined[], onError: Search["onError"]): ExaminedFile[] =>
  results.flatMap((result, index) => {
    if (result instanceof Error) onError(paths[index]!, result);
    return result && result !== "missing" && !(result instanceof Error) ? [result] : [];
  });

/** Identifies a file by device and inode, whatever its name. */
export const fileKey = ({ device, inode }: Pick<FoundFile, "device" | "inode">): string => `${device}:${inode}`;

/** Changes when the path leads to another file or the content may have changed. */
export const fileVersion = ({ path, size, modified }: Pick<FoundFile, "path" | "size" | "modified">): string =>
  `${path} ${size} ${modified}`;

/** The paths that match, with the symbolic links in their directories resolved as far as those exist. */
const expand = async (patterns: readonly string[], exclude: readonly string[], links: Links): Promise<string[]> =>
  resolveDirectories(await list(patterns, exclude, links), patterns, links);

const list = async (patterns: readonly string[], exclude: readonly string[], links: Links): Promise<string[]> => {
  if (exclude.length === 0 && !patterns.some((pattern) => isDynamicPattern(pattern)))
    return patterns.map((pattern) => resolve(pattern));
  const fs = { realpath: links.realpathBelow(patterns.map((pattern) => fixedDirectory(pattern))) };
  const wider = globsOf(patterns).flatMap((glob) => glob.wider);
  const ignore = globsOf(exclude).flatMap((glob) => glob.narrower);
  const found = await glob(wider, { ignore, absolute: true, dot: true, expandDirectories: false, fs });
  return found.filter((path) => isIncluded(path, { include: patterns, exclude }));
};

/** An exclude that matches a directory excludes all that is in it. */
const isIncluded = (path: string, { include, exclude }: Pick<Search, "include" | "exclude">): boolean =>
  globsOf(include).some((glob) => glob.matches(path)) && !globsOf(exclude).some((glob) => glob.covers(path));

const compiled = new WeakMap<readonly string[], readonly PathGlob[]>();

const globsOf = (patterns: readonly string[]): readonly PathGlob[] => {
  const known = compiled.get(patterns);
  if (known) return known;
  const globs = patterns.map((pattern) => new PathGlob(pattern));
  compiled.set(patterns, globs);
  return globs;
};

/** Leaves out paths through links that may not be followed. */
const resolveDirectories = async (
  paths: readonly string[],
  patterns: readonly string[],
  links: Links,
): Promise<string[]> => {
  const bases = patterns.map((pattern) => fixedDirectory(pattern)).sort((a, b) => b.length - a.length);
  const directories = new Map<string, string | undefined>();
  for (const directory of new Set(paths.map((path) => dirname(path)))) {
    const base = bases.find((base) => directory === base || directory.startsWith(base === "/" ? base : `${base}/`));
    directories.set(directory, await links.resolve(directory, base ?? directory));
  }
  return paths.flatMap((path) => {
    const directory = directories.get(dirname(path));
    return directory === undefined ? [] : [join(directory, basename(path))];
  });
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

const listRotated = async ({ rotated, onError, links }: Search, logPaths: ReadonlySet<string>): Promise<string[]> => {
  if (rotated) return expand(rotated, [], links);
  const paths: string[] = [];
  for (const directory of new Set([...logPaths].map((path) => dirname(path)))) {
    const names = await readdir(directory).catch((error) => {
      if (error.code !== "ENOENT") onError(directory, error);
      return [];
    });
    const isLog = (name: string) => logPaths.has(join(directory, name));
    for (const name of names) if (rotatedFrom(name, isLog) !== undefined) paths.push(join(directory, name));
  }
  return paths;
};

/**
 * For a file found by `rotated`: the log in its directory with the longest stem that the file's name begins with. Without
 * one, the file is a log of its own.
 */
const logFinder = (logPaths: ReadonlySet<string>): ((path: string) => string) => {
  const byStem = new Map([...logPaths].map((path) => [join(dirname(path), basename(path, extname(path))), path]));
  return (path) => {
    for (let end = path.length; end > dirname(path).length; end--) {
      const log = byStem.get(path.slice(0, end));
      if (log !== undefined) return log;
    }
    return path;
  };
};

/** Of numbered generations, the one with the higher number is older, whatever their modification times. */
const numbered = (files: readonly FoundFile[]): FoundFile[] => {
  const latest = new Map<string, bigint>();
  const sorted = files
    .filter(({ rotated }) => rotated)
    .map((file) => ({ file, number: generationOf(basename(file.path), basename(file.logPath)) ?? -1 }))
    .filter(({ number }) => number >= 0)
    .sort((a, b) => b.number - a.number);
  const timestamps = new Map<FoundFile, bigint>();
  for (const { file } of sorted) {
    const earliest = (latest.get(file.logPath) ?? -1n) + 1n;
    const timestamp = file.timestamp > earliest ? file.timestamp : earliest;
    timestamps.set(file, timestamp);
    latest.set(file.logPath, timestamp);
  }
  return files.map((file) => (timestamps.has(file) ? { ...file, timestamp: timestamps.get(file)! } : file));
};

/** Rotated files first, then by timestamp, then by path. */
const inReadingOrder = (a: FoundFile, b: FoundFile): number => {
  if (a.rotated !== b.rotated) return a.rotated ? -1 : 1;
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return byName(a.path, b.path);
};

let collator: Intl.Collator | undefined;

/** Numbers in names are compared as numbers. The collator is made when it is first needed: it takes 10 ms. */
const byName = (a: string, b: string): number => {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
};
