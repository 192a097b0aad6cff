import { dirname } from "node:path";
import type { ModuleFlaw, PluginModule, PluginModules } from "../config/plugin-list.ts";
import { counted } from "../text.ts";
import { definitionsIn } from "./definitions.ts";
import { type Entry, EntryError, readEntry } from "./entry.ts";
import { describeFailure } from "./failure.ts";
import { importFrom } from "./hooks.ts";

/**
 * Imports the packages and files that a pipeline names under `plugins`. It never rejects: what is wrong with a module is
 * part of the result. Their code runs in this process, with all its rights.
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
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = await inTime(importFrom(entry.specifier, entry.from), written);
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
