import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const scheme = "weir-plugin:";
let isRegistered = false;
let loading = "";

/** The URL of the module that was read last: the one to blame for an error that names no file. */
export const lastLoaded = (): string => loading;

/** Any module of weir: from here `weir` and its subpaths are those of the program that runs. */
const host = import.meta.url;

/**
 * Imports a module as the file at `from` would. Plugins get the copy of weir that runs them, also where none is installed
 * beside them, and its RxJS if they bring none.
 */
export const importFrom = async (specifier: string, from: string): Promise<Readonly<Record<string, unknown>>> => {
  register();
  const request = JSON.stringify([specifier, pathToFileURL(from).href]);
  return import(`${scheme}${encodeURIComponent(request)}`);
};

const register = (): void => {
  if (isRegistered) return;
  isRegistered = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith(scheme)) {
        const [wanted, parentURL] = JSON.parse(decodeURIComponent(specifier.slice(scheme.length))) as [string, string];
        return next(wanted, { ...context, parentURL });
      }
      if (/^weir(\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: host });
      if (!/^rxjs(\/|$)/.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
        return next(specifier, { ...context, parentURL: host });
      }
    },
    load(url, context, next) {
      loading = url;
      return next(url, context);
    },
  });
};
