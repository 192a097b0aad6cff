import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileStats } from "../file-stats.ts";

/** What an entry under `plugins` names. */
export interface Entry {
  /** What to import. */
  readonly specifier: string;
  /** The file from which to import it. */
  readonly from: string;
  /** What comes before the names of its plugins: `acme` in `acme/geo`. Plugins of a file have none. */
  readonly namespace: string | undefined;
  /** The name of the package, or the path of the file. */
  readonly name: string;
  readonly isPackage: boolean;
}

/** Reads an entry of the pipeline file `pipeline`. Throws an `EntryError` if it cannot name a module. */
export const readEntry = (written: string, pipeline: string): Entry => {
  if (/^\.{1,2}$|^\.{0,2}[/\\]|^[A-Za-z]:[/\\]/.test(written))
    return pathEntry(resolve(dirname(pipeline), written), pipeline);
  if (packageName.test(written))
    return {
      specifier: written,
      from: resolve(pipeline),
      namespace: namespaceOf(written),
      name: written,
      isPackage: true,
    };
  const isFile = /\.[cm]?[jt]s$/.test(written);
  throw new EntryError(
    `"${written}" is neither the name of a package nor a path`,
    isFile ? `Begin a path with a dot: ./${written}.` : undefined,
  );
};

/** Why an entry cannot be used, in words that follow no capital letter, with the way out. */
export class EntryError extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = "EntryError";
    this.hint = hint;
  }
}

/** npm's rules for names, without a version. */
const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/** `weir-plugin-acme` is `acme`, `@acme/weir-plugin` too, and `@acme/weir-plugin-geo` is `acme/geo`. */
const namespaceOf = (name: string): string => {
  const [, scope, rest = ""] = /^(?:@([^/]+)\/)?(.*)$/.exec(name) ?? [];
  const short = rest.replace(/^weir-plugin-?/, "");
  return [scope, short].filter(Boolean).join("/") || rest;
};

const pathEntry = (path: string, pipeline: string): Entry => {
  const stats = fileStats(path);
  if (!stats) throw new EntryError(`there is no file "${path}"`, `Paths are relative to the folder of "${pipeline}".`);
  if (!stats.isDirectory())
    return { specifier: path, from: resolve(pipeline), namespace: undefined, name: path, isPackage: false };
  const manifest = join(path, "package.json");
  if (!existsSync(manifest)) throw new EntryError(`"${path}" is a folder without a package.json`, "Name a file in it.");
  const name = nameIn(manifest);
  // A package that imports itself by name gets what others get.
  return { specifier: name, from: manifest, namespace: namespaceOf(name), name, isPackage: true };
};

const nameIn = (manifest: string): string => {
  let found: { readonly name?: unknown; readonly exports?: unknown } = {};
  try {
    found = JSON.parse(readFileSync(manifest, "utf8"));
  } catch (error) {
    throw new EntryError(`"${manifest}" cannot be read: ${(error as Error).message}`);
  }
  if (typeof found.name !== "string") throw new EntryError(`"${manifest}" has no name`, `Add a "name".`);
  if (found.exports === undefined)
    throw new EntryError(`"${manifest}" has no exports`, 'Add "exports", such as "./index.js".');
  return found.name;
};
