import { createRequire } from "node:module";
import { resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";
import { importModule } from "./hooks.ts";

/** The modules of the packages that were found, by the names of the packages. */
const found = new Map<string, string>();

/**
 * Whether a package that plugins need is installed: beside weir, or else where the file at `from` would find it. `wanted` is
 * what `npm i` takes, such as `@platformatic/kafka@2`.
 */
export const findPackage = (wanted: string, from: string): boolean => {
  const name = nameOf(wanted);
  const path = [import.meta.url, from].map((each) => resolve(name, each)).find((each) => each !== undefined);
  if (path !== undefined) found.set(name, pathToFileURL(path).href);
  return path !== undefined;
};

/** Imports a package that does not come with weir, and that the plugin lists under `packages`. */
export const importPackage = async <Module>(name: string): Promise<Module> =>
  (await importModule(found.get(name) ?? name)) as Module;

/** Without the version. */
const nameOf = (wanted: string): string => wanted.replace(/(?<=.)@.*$/, "");

const resolve = (name: string, from: string): string | undefined => {
  try {
    return createRequire(from.startsWith("file:") ? from : resolvePath(from)).resolve(name);
  } catch {
    return undefined;
  }
};
