import { dirname } from "node:path";
import type { ModuleFlaw, PluginModule, PluginModules } from "../config/plugin-list.ts";
import { counted } from "../text.ts";
import { definitionsIn } from "./definitions.ts";
import { type Entry, EntryError, readEntry } from "./entry.ts";
import { describeFailure } from "./failure.ts";
import { digestOf } from "./graph.ts";
import { type Import, importFrom } from "./hooks.ts";

/**
 * Imports the packages and files that a pipeline names under `plugins`. It never rejects: what is wrong with a module is
 * part of the result. Their code runs in this process, with all its rights. A module that was loaded before is the same
 * object as long as its files are the same; otherwise it is imported anew.
 */
export const loadPluginModules = async (entries: readonly string[], pipeline: string): Promise<PluginModules> => {
  const modules = new Map<string, PluginModule>();
  for (const written of new Set(entries)) modules.set(written, await loadModule(written, pipeline));
  return modules;
};

const loadModule = async (written: string, pipeline: string): Promise<PluginModule> => {
  let entry: Entry;
  try {
    entry = readEntry(written, pipeline);
  } catch (error) {
    if (!(error instanceof EntryError)) throw error;
    return unusable(error);
  }
  const key = JSON.stringify([entry.specifier, entry.from]);
  const known = loaded.get(key);
  const usable = [known, lastUsable.get(key)].find((one) => one?.isUsable && isUnchanged(one));
  if (usable) return usable.module;
  const first = known ?? (await importOnce(entry, written, pipeline));
  // Another pipeline may have imported it before it was edited.
  const isCurrent = !known && isUnchanged(first);
  const current = isCurrent ? first : await importOnce(entry, written, pipeline, first.files.keys());
  loaded.set(key, current);
  if (current.isUsable) lastUsable.set(key, current);
  return current.module;
};

interface Loaded {
  readonly module: PluginModule;
  /** Its own files, with a digest of each as it was read. */
  readonly files: ReadonlyMap<string, string>;
  readonly isUsable: boolean;
}

/** What was imported in this process, the last time. */
const loaded = new Map<string, Loaded>();
/** The last time without an error: a module that is put right again is the same as before. */
const lastUsable = new Map<string, Loaded>();

const isUnchanged = ({ files }: Loaded): boolean => [...files].every(([path, digest]) => digestOf(path) === digest);

const importOnce = async (
  entry: Entry,
  written: string,
  pipeline: string,
  earlier?: Iterable<string>,
): Promise<Loaded> => {
  const importing = importFrom(entry.specifier, entry.from, earlier);
  const module = await read(importing, entry, written, pipeline);
  const files = importing.files();
  return { files, module: { ...module, files: [...files.keys()] }, isUsable: module.flaws.length === 0 };
};

const read = async (importing: Import, entry: Entry, written: string, pipeline: string): Promise<PluginModule> => {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await inTime(importing.exported, written);
  } catch (error) {
    return unusable(describeFailure(error, entry, dirname(pipeline)));
  }
  const module = definitionsIn(exported, entry);
  if (Object.values(module).some((definitions) => definitions.length > 0)) return module;
  const names = Object.keys(exported);
  return unusable({
    message: `"${written}" exports no plugin${names.length > 0 ? `, but ${counted(names.length, "other value")}: ${names.slice(0, 10).join(", ")}` : ""}`,
    hint: "Export what defineSource, defineTransform, defineSink or defineCodec returns.",
  });
};

/** How long a module may take, in milliseconds: one that waits for something at its top level could take for ever. */
const longest = 30_000;

const inTime = async <T>(loading: Promise<T>, written: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`"${written}" was not loaded within ${longest / 1000} seconds: it waits at its top level`);
    timer = setTimeout(() => reject(error), longest);
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
};

const unusable = ({ message, hint }: ModuleFlaw): PluginModule => ({ plugins: [], flaws: [{ message, hint }] });
