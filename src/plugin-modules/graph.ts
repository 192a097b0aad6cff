import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The query of the URLs of modules that are imported again: `?weir=2`. */
const generation = /\?weir=\d+$/;

/** The URL of a module file, whichever time it was imported. */
export const plainUrl = (url: string): string => url.replace(generation, "");

export const generationOf = (url: string): string => generation.exec(url)?.[0] ?? "";

/** Which modules were imported from which, and what was in their files when they were read. */
const imports = new Map<string, Set<string>>();
const digests = new Map<string, string>();

/** Notes that one module imports another. */
export const noteImport = (from: string, url: string): void => {
  const known = imports.get(from) ?? new Set();
  imports.set(from, known.add(url));
};

/** Forgets what a CommonJS module imported: it is read again. */
export const forgetImports = (path: string): void => void imports.delete(pathToFileURL(path).href);

/** Notes what is in the file of a module. Call it before the module is read: then a change meanwhile is noticed later. */
export const noteContent = (url: string): void => {
  if (url.startsWith("file:")) digests.set(url, digestOf(fileURLToPath(url)));
};

/** A hash of the content of a file; the same text for every file that cannot be read. */
export const digestOf = (path: string): string => {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "unreadable";
  }
};

/**
 * Whether a module belongs to the plugin at `entry`, and can be edited with it: of a package, the files in its folder; of a
 * file, all files that it imports and that are in no package.
 */
export const isOwn = (url: string, entry: string): boolean => {
  if (!url.startsWith("file:") || !entry.startsWith("file:")) return false;
  const [path, main] = [fileURLToPath(url), fileURLToPath(entry)];
  if (!main.includes(packages)) return !path.includes(packages);
  const folder = packageOf(main) + sep;
  return path.startsWith(folder) && !path.slice(folder.length - 1).includes(packages);
};

const packages = `${sep}node_modules${sep}`;

/** The nearest folder with a package.json. */
const packageOf = (path: string): string => {
  let folder = dirname(path);
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
};

/** The own files of the plugin whose main module was imported from this URL, with the digest of each as it was read. */
export const ownFiles = (entry: string): ReadonlyMap<string, string> => {
  const seen = new Set([entry]);
  const files = new Map<string, string>();
  // A set is walked in the order of its additions, those during the walk included.
  for (const url of seen) {
    if (!isOwn(url, entry)) continue;
    files.set(fileURLToPath(url), digests.get(url) ?? "unread");
    // What a CommonJS module requires is noted under its path.
    for (const from of new Set([url, plainUrl(url)])) for (const next of imports.get(from) ?? []) seen.add(next);
  }
  return files;
};
