import type { ModuleFlaw, PluginModule } from "../config/plugin-list.ts";
import { isObject } from "../json.ts";
import { api, type Plugin } from "../plugin.ts";
import type { Entry } from "./entry.ts";

/** The plugins that a module exports: by name, by default, or in a list; each under the name for pipelines. */
export const definitionsIn = (exported: Readonly<Record<string, unknown>>, entry: Entry): PluginModule => {
  const found = new Map<object, string>();
  for (const [name, value] of Object.entries(exported))
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      if (isObject(item) && "kind" in item && !found.has(item)) found.set(item, name);
  const plugins: Plugin[] = [];
  const flaws: ModuleFlaw[] = [];
  for (const [definition, name] of found) {
    const flaw = flawOf(definition as Readonly<Record<string, unknown>>, name, entry);
    if (flaw) flaws.push(flaw);
    else plugins.push(named(definition as Plugin, entry));
  }
  return { plugins, flaws };
};

const named = (plugin: Plugin, { namespace }: Entry): Plugin =>
  namespace === undefined ? plugin : { ...plugin, name: `${namespace}/${plugin.name}` };

const kinds: readonly unknown[] = ["source", "transform", "sink"];

const flawOf = (
  definition: Readonly<Record<string, unknown>>,
  exportedAs: string,
  { name: module }: Entry,
): ModuleFlaw | undefined => {
  const { kind, name, summary, options } = definition;
  const shown = typeof name === "string" ? name : exportedAs;
  const about = `the plugin "${shown}" of "${module}"`;
  const found = definition["api"];
  if (found !== api)
    return {
      message: `${about} is written for version ${String(found)} of the plugin API, and this weir has version ${api}`,
      hint:
        typeof found === "number" && found > api
          ? "Update weir, or install an older version of the plugin."
          : "Update the plugin, or define it with defineSource, defineTransform or defineSink.",
    };
  if (!kinds.includes(kind)) return { message: `${about} is a ${String(kind)}, which this weir does not know` };
  if (typeof name !== "string" || !/^[a-z][a-z0-9_]*$/.test(name))
    return { message: `the name of ${about} must be in snake_case, such as geo_ip` };
  if (typeof summary !== "string" || summary === "") return { message: `${about} has no summary` };
  if (!isObject(options)) return { message: `${about} has no options`, hint: "Add options: {}." };
  for (const [option, schema] of Object.entries(options))
    if (!isObject(schema) || typeof schema["description"] !== "string" || typeof schema["title"] !== "string")
      return {
        message: `the option "${option}" of ${about} is not an option`,
        hint: `Declare it, such as ${option}: option.text("What it is for.").`,
      };
  return bodyFlaw(definition, about);
};

/** The functions of each kind; of a transform exactly one. */
const bodies: Readonly<Record<string, readonly string[]>> = {
  source: ["read", "listen"],
  transform: ["each", "keep", "create"],
  sink: ["open"],
};

const bodyFlaw = (definition: Readonly<Record<string, unknown>>, about: string): ModuleFlaw | undefined => {
  const names = bodies[String(definition["kind"])] ?? [];
  const given = names.filter((name) => definition[name] !== undefined);
  const wanted = names.join(", ").replace(/, (?=[^,]*$)/, " or ");
  if (given.length === 0) return { message: `${about} has no ${wanted}` };
  if (given.length > 1) return { message: `${about} has ${given.join(" and ")}`, hint: "Keep one of them." };
  const [name = ""] = given;
  return typeof definition[name] === "function" ? undefined : { message: `"${name}" of ${about} is not a function` };
};
