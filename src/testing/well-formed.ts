import type { CodecPlugin } from "../codec.ts";
import { clashingOptions } from "../config/host-options.ts";
import type { Options } from "../option/option.ts";
import { violations } from "../option/violations.ts";
import type { Plugin } from "../plugin.ts";

/** What is wrong with the definition of a plugin, one sentence each; empty if it is well formed. */
export const flaws = (plugin: Plugin | CodecPlugin): string[] => {
  const { kind, name, summary, options } = plugin;
  const found: string[] = [];
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) found.push(`the name "${name}" must be in snake_case`);
  if (!/^[A-Z][^\n]*\.$/.test(summary))
    found.push(`the summary "${summary}" must be one sentence that ends with a period`);
  for (const [key, schema] of Object.entries(options as Record<string, Record<string, unknown>>)) {
    if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(key)) found.push(`the option "${key}" must be in snake_case`);
    if (!String(schema["description"] ?? "").endsWith("."))
      found.push(`the description of "${key}" must be a sentence that ends with a period`);
    const values = [...("default" in schema ? [schema["default"]] : []), ...((schema["examples"] as unknown[]) ?? [])];
    for (const value of values)
      if (violations(schema, structuredClone(value)).length > 0)
        found.push(`${JSON.stringify(value)} does not match the schema of "${key}"`);
  }
  for (const [key, { needs = [], excludes = [] }] of Object.entries(options as Options))
    for (const other of [...(needs as string[]), ...(excludes as string[])])
      if (!Object.hasOwn(options, other))
        found.push(`"${key}" refers to "${other}", which is not an option of the plugin`);
  for (const option of plugin.kind === "codec" ? [] : clashingOptions(plugin))
    found.push(`the option "${option}" is reserved: weir adds it to every ${kind}. Choose another name`);
  return found;
};
