// Node keeps what V8 made of weir's modules, so that the next command does not compile them again. Node's own modules are taken as they
// are: for an import, it would load what is behind all their names.
const { lstatSync, mkdirSync } = process.getBuiltinModule("node:fs");
const { enableCompileCache } = process.getBuiltinModule("node:module");
const { isAbsolute, join } = process.getBuiltinModule("node:path");

/** The folder for caches: what systemd gives a service, or what the XDG Base Directory Specification says. */
const cachesOf = ({ CACHE_DIRECTORY: service, XDG_CACHE_HOME: caches, HOME: home }) => {
  if (service) return service.split(":")[0];
  if (caches) return join(caches, "weir");
  return home && join(home, ".cache", "weir");
};

/** Whether nobody but this user and root decides what is in the folder: what is read there is run. */
const isSafe = (path) => {
  const found = lstatSync(path);
  return found.isDirectory() && found.uid === process.geteuid() && (found.mode & 0o022) === 0;
};

/**
 * Turns on Node's compile cache in a folder of this user. Not in the folder for temporary files, which is Node's default:
 * there, another user could prepare what weir would run. NODE_COMPILE_CACHE names another folder, and
 * NODE_DISABLE_COMPILE_CACHE=1 turns the cache off. Without a folder that is safe, there is no cache.
 */
export const useCompileCache = (environment = process.env) => {
  if (environment.NODE_COMPILE_CACHE || environment.NODE_DISABLE_COMPILE_CACHE) return;
  const caches = cachesOf(environment);
  if (!caches || !isAbsolute(caches) || !process.geteuid) return;
  const folder = join(caches, "compiled");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isSafe(caches) && isSafe(folder)) enableCompileCache(folder);
  } catch {
    // A home that is missing or cannot be written: weir starts without a cache.
  }
};
