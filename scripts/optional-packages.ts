import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Optional packages with these are not copied: `node` is enough for what plugins load. */
const unused = /\.(d\.[cm]?ts|[cm]?ts|map)$/;

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Copies the packages that a pipeline may need (the optional `peerDependencies` of weir but that of tests), and what these need, from `node_modules` into `folder/node_modules`,
 * in the versions of the lock file. Returns their names.
 */
export const copyOptionalPackages = (folder: string): readonly string[] => {
  const { peerDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  const names = new Set(Object.keys(peerDependencies).filter((name) => name !== "vitest"));
  // A set also gives what is added while it is read.
  for (const name of names) {
    const locked = packages[`node_modules/${name}`];
    if (!locked) throw new Error(`"${name}" is not in package-lock.json; run \`npm install\``);
    for (const needed of Object.keys(locked.dependencies ?? {})) names.add(needed);
    cpSync(join("node_modules", name), join(folder, "node_modules", name), {
      recursive: true,
      dereference: true,
      filter: (path) => !unused.test(path),
    });
  }
  return [...names];
};
