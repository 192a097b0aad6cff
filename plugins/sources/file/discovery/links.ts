import type fs from "node:fs";
import { lstat, readlink, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isDynamicPattern } from "tinyglobby";

/** Where a glob begins to match anything: its path up to the first part that is a pattern. Of a path, its directory. */
export const fixedDirectory = (pattern: string): string => {
  // Alternatives may contain slashes.
  const parts = resolve(pattern)
    .replace(/(?<!\\)\{.*/s, "*")
    .split("/");
  const magic = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, magic < 0 ? -1 : magic).join("/") || "/";
};

/** The longest chain of links that is followed, as in Linux. */
const mostHops = 40;

/**
 * Decides which symbolic links are followed. Whoever can write to a watched directory could otherwise have weir read, as
 * its user, any file of the machine. So a link must lead into one of the allowed directories; if none were given, it must
 * belong to root, to the user of this process, or to the owner of its target.
 */
export class Links {
  readonly #allowed: readonly string[] | undefined;
  readonly #onRefused: (path: string, target: string) => void;

  /** `allowed`: directories that links may lead into. `onRefused` is called each time a link is not followed. */
  constructor(allowed: readonly string[] | undefined, onRefused: (path: string, target: string) => void) {
    this.#allowed = allowed;
    this.#onRefused = onRefused;
  }

  /** The real path that a link leads to, or undefined if it may not be followed. Rejects if there is nothing. */
  async follow(path: string): Promise<string | undefined> {
    const target = await realpath(path);
    if (this.#allowed ? await isWithin(target, this.#allowed) : await isTrusted(path, target)) return target;
    this.#onRefused(path, target);
    return undefined;
  }

  /**
   * `fs.realpath` for a search below these directories: what is behind a link that may not be followed is not even listed.
   */
  realpathBelow(bases: readonly string[]): typeof fs.realpath {
    const follow = async (path: string): Promise<string> => {
      const isBelow = bases.some((base) => path !== base && isInside(path, base));
      const target = isBelow ? await this.follow(path) : await realpath(path);
      if (target === undefined) throw new Error(`"${path}" is not followed`);
      return target;
    };
    const withCallback = (path: string, done: (error: Error | null, target: string) => void) =>
      void follow(path).then(
        (target) => done(null, target),
        (error: Error) => done(error, ""),
      );
    // The search calls it in this form only.
    return withCallback as unknown as typeof fs.realpath;
  }

  /**
   * The real path of a directory that a glob below `base` has found, or undefined if a link on the way from there may not
   * be followed. A directory that does not exist is returned as it is.
   */
  async resolve(directory: string, base: string): Promise<string | undefined> {
    try {
      const real = await realpath(directory);
      const inner = relative(base, directory);
      if (real === join(await realpath(base), inner)) return real;
      let path = base;
      for (const part of inner.split(sep)) {
        path = join(path, part);
        if ((await lstat(path)).isSymbolicLink() && (await this.follow(path)) === undefined) return undefined;
      }
      return real;
    } catch {
      return directory;
    }
  }
}

const isInside = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);

const isWithin = async (target: string, directories: readonly string[]): Promise<boolean> => {
  for (const directory of directories) {
    const real = await realpath(directory).catch(() => resolve(directory));
    if (isInside(target, real)) return true;
  }
  return false;
};

/** Whether each link in the chain from `path` to `target` belongs to somebody who could read the target anyway. */
const isTrusted = async (path: string, target: string): Promise<boolean> => {
  const owners = [0, process.getuid?.(), (await stat(target)).uid];
  let next = path;
  for (let hops = 0; hops < mostHops; hops++) {
    const stats = await lstat(next);
    if (!stats.isSymbolicLink()) return true;
    if (!owners.includes(stats.uid)) return false;
    next = resolve(dirname(next), await readlink(next));
  }
  return false;
};
