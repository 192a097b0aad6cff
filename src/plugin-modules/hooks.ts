import { createRequire, type ResolveHookSync, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { isExecutable } from "../shipped.ts";
import { doorSource, doorUrl } from "./doors.ts";
import { forgetImports, generationOf, isOwn, noteContent, noteImport, ownFiles, plainUrl } from "./graph.ts";

const scheme = "weir-plugin:";
let isRegistered = false;
let loading = "";
let generations = 0;

/** The URL of the module that was read last: the one to blame for an error that names no file. */
export const lastLoaded = (): string => plainUrl(loading);

/** Any module of weir: from here `weir` and its subpaths are those of the program that runs. */
const host = import.meta.url;

/** The main modules of plugins, by the requests for them. */
const mains = new Map<string, string>();
/** The main module of each plugin that was imported again, by the query of its URLs. */
const again = new Map<string, string>();

/** A module, imported once. */
export interface Import {
  readonly exported: Promise<Readonly<Record<string, unknown>>>;
  /** The plugin's own files that have been read so far, with a digest of each. */
  files(): ReadonlyMap<string, string>;
}

/**
 * Imports a module as the file at `from` would. Plugins get the copy of weir that runs them, also where none is installed
 * beside them, and its RxJS if they bring none. `earlier`: its own files when it was imported before; they are read again.
 * Node keeps in memory what it imported earlier.
 */
export const importFrom = (specifier: string, from: string, earlier?: Iterable<string>): Import => {
  register();
  for (const path of earlier ?? []) forgetRequired(path);
  const request = JSON.stringify([specifier, pathToFileURL(from).href, earlier ? ++generations : 0]);
  return {
    exported: importModule(`${scheme}${encodeURIComponent(request)}`),
    files: () => ownFiles(mains.get(request) ?? ""),
  };
};

/** `import()`. The main script of an executable can import nothing but modules of Node, unless it borrows the loader. */
export const importModule = (specifier: string): Promise<Readonly<Record<string, unknown>>> => {
  if (!isExecutable) return import(specifier);
  const { USE_MAIN_CONTEXT_DEFAULT_LOADER: importModuleDynamically } = vm.constants;
  return vm.runInThisContext("(specifier) => import(specifier)", { importModuleDynamically })(specifier);
};

/** The module as weir itself imports it. */
const ofHost: ResolveHookSync = (specifier, context, next) =>
  isExecutable
    ? { url: doorUrl(specifier), format: "module", shortCircuit: true }
    : next(specifier, { ...context, parentURL: host });

const register = (): void => {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(scheme)) {
        const request = decodeURIComponent(specifier.slice(scheme.length));
        const [wanted, parentURL, number] = JSON.parse(request) as [string, string, number];
        const found = next(wanted, { ...context, parentURL });
        if (number === 0) mains.set(request, found.url);
        return number === 0 ? found : mainAgain(found, number, request);
      }
      if (/^weir(\/|$)/.test(specifier)) return ofHost(specifier, context, next);
      const found = resolved(specifier, context, next);
      return follow(found, context.parentURL);
    },
    load(url, context, next) {
      const source = doorSource(url);
      if (source !== undefined) return { format: "module", source, shortCircuit: true };
      loading = url;
      noteContent(url);
      return next(url, context);
    },
  });
};

type Resolve = Parameters<NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>>;
type Found = ReturnType<Resolve[2]>;

const resolved = (...[specifier, context, next]: Resolve): Found => {
  if (!/^rxjs(\/|$)/.test(specifier)) return next(specifier, context);
  try {
    return next(specifier, context);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return ofHost(specifier, context, next);
  }
};

const mainAgain = (found: Found, number: number, request: string): Found => {
  const query = `?weir=${number}`;
  const url = `${found.url}${query}`;
  again.set(query, url);
  mains.set(request, url);
  return { ...found, url };
};

/** What a module of a plugin imports: if the plugin is imported again, its own files are too. */
const follow = (found: Found, parent = ""): Found => {
  const query = generationOf(parent);
  const main = again.get(query);
  const url = main && isOwn(found.url, main) ? `${plainUrl(found.url)}${query}` : found.url;
  noteImport(parent, url);
  return url === found.url ? found : { ...found, url };
};

const { cache } = createRequire(import.meta.url);

/** CommonJS modules are known by their paths alone. */
const forgetRequired = (path: string): void => {
  delete cache[path];
  forgetImports(path);
};
