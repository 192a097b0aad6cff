import { api, type Plugin } from "../plugin.ts";
import { didYouMean } from "../problem.ts";
import type { Component } from "../topology/topology.ts";
import { buildCodec } from "./build-codec.ts";
import { checkOptions } from "./check.ts";
import { coerce } from "./coerce.ts";
import { decode } from "./decode.ts";
import { clashingOptions, componentOptions, divide } from "./host-options.ts";
import { maskValues } from "./mask.ts";
import { type Part, recording, valuesOf } from "./part.ts";
import type { FileReading } from "./reading.ts";
import { sectionOf, type Written } from "./shell.ts";
import type { Path } from "./source-file.ts";
import { show } from "./value-words.ts";

/** Whether a package is installed, named as `npm i` takes it. */
export type PackageCheck = (wanted: string) => boolean;

/** A component whose options are checked, and what it was made of. */
export interface Checked {
  readonly component: Omit<Component, "inputs">;
  readonly part: Part;
}

/** Checks and decodes one component against its plugin; `undefined` when a problem was reported. */
export const readComponent = (
  written: Written,
  plugins: readonly Plugin[],
  shared: FileReading,
  hasPackage?: PackageCheck,
): Checked | undefined => {
  const uses = new Map<string, unknown>();
  const reading = { ...shared, catalogs: recording(shared.catalogs, uses) };
  const { id, kind, path, values: whole } = written;
  const plugin = whole && pluginOf(written, whole["type"], plugins, reading);
  if (!plugin || reportApi(plugin, path, reading) || reportClashes(plugin, path, reading)) return undefined;
  if (reportPackages(plugin, plugin.packages, path, reading, hasPackage)) return undefined;
  // Anchors share values between components; defaults are filled into a copy for each.
  const { type: _type, ...rest } = structuredClone(whole);
  const options = componentOptions(plugin);
  const values = coerce(options, rest, path, reading);
  if (!checkOptions(options, values, { name: plugin.name, path }, reading)) return undefined;
  const decoded = decode(options, values, path, reading);
  if (plugin.kind === "source" && reportLines(plugin, decoded, path, reading)) return undefined;
  const built = kind === "source" ? buildCodec(decoded, { id, path }, reading) : {};
  if (!built) return undefined;
  const { shown: ofCodec, ...codec } = built as Partial<NonNullable<ReturnType<typeof buildCodec>>>;
  const shown = { type: plugin.name, ...maskValues(options, values, path, reading), ...ofCodec };
  const parts = divide(plugin, { ...decoded, ...codec });
  const further = plugin.packagesFor?.(parts.config as never);
  if (reportPackages(plugin, further, path, reading, hasPackage)) return undefined;
  const files = valuesOf("file", options, values);
  const part = { settings: values, shown, uses, files, addresses: valuesOf("address", options, values) };
  return { component: { id, kind, plugin, ...parts } as Omit<Component, "inputs">, part };
};

/** True when lines are to be joined, and somebody has chosen a framing without lines. */
const reportLines = (
  { decoding = {} }: Extract<Plugin, { readonly kind: "source" }>,
  { multiline, framing }: { readonly multiline?: unknown; readonly framing?: unknown },
  path: Path,
  { report }: FileReading,
): boolean => {
  if (multiline === undefined || framing === "newline" || framing === decoding.framing) return false;
  const hint = "Remove one of them.";
  report.error("config/options-apart", { path: [...path, "framing"] }, ["multiline", `framing: ${framing}`], hint);
  return true;
};

/** True when the plugin was written for another version of the plugin contract: it cannot be used. */
const reportApi = (plugin: Plugin, path: Path, { report }: FileReading): boolean => {
  const found: unknown = plugin.api;
  if (found === api) return false;
  const hint =
    typeof found === "number" && found > api
      ? "Update weir, or install an older version of the plugin."
      : "Update the plugin, or define it with defineSource, defineTransform or defineSink.";
  report.error("config/plugin-api", { path: [...path, "type"] }, [plugin.name, String(found), api], hint);
  return true;
};

/** True when a package that the plugin needs is not installed. */
const reportPackages = (
  { name }: Plugin,
  packages: readonly string[] = [],
  path: Path,
  { report }: FileReading,
  hasPackage: PackageCheck = () => true,
): boolean => {
  const missing = packages.filter((wanted) => !hasPackage(wanted));
  for (const each of missing) {
    const words: [string, string] = [name, each.replace(/(?<=.)@.*$/, "")];
    report.error("config/missing-package", { path: [...path, "type"] }, words, `Run \`npm i ${each}\`.`);
  }
  return missing.length > 0;
};

/** True when an option of the plugin clashes with one of the host: the plugin cannot be used. */
const reportClashes = (plugin: Plugin, path: Path, { report }: FileReading): boolean => {
  const names = clashingOptions(plugin);
  for (const name of names) {
    const hint = `Rename the plugin's option, for example to "${plugin.name}_${name}".`;
    report.error("config/option-clash", { path: [...path, "type"] }, [plugin.name, name, plugin.kind], hint);
  }
  return names.length > 0;
};

const pluginOf = (
  { id, kind, path }: Written,
  type: unknown,
  plugins: readonly Plugin[],
  { report }: FileReading,
): Plugin | undefined => {
  if (type === undefined || type === null) {
    report.error("config/missing-type", { path, key: true }, [id], `Available: ${listOf(plugins, kind)}.`);
    return undefined;
  }
  const found = plugins.find((plugin) => plugin.kind === kind && plugin.name === type);
  if (found) return found;
  const words = show(type, {}, []) ?? '""';
  report.error("config/unknown-type", { path: [...path, "type"] }, [words, kind], hintFor(type, kind, plugins));
  return undefined;
};

const hintFor = (type: unknown, kind: Plugin["kind"], plugins: readonly Plugin[]): string => {
  const elsewhere = plugins.find((plugin) => plugin.name === type);
  if (elsewhere) return `It is a ${elsewhere.kind}: move it to "${sectionOf(elsewhere.kind)}".`;
  const names = plugins.filter((plugin) => plugin.kind === kind).map((plugin) => plugin.name);
  // Plugins of packages are named with their package.
  const full = names.find((name) => name.endsWith(`/${String(type)}`));
  if (full) return `Did you mean "${full}"?`;
  return (typeof type === "string" && didYouMean(type, names)) || `Available: ${listOf(plugins, kind)}.`;
};

const listOf = (plugins: readonly Plugin[], kind: Plugin["kind"]): string =>
  plugins
    .filter((plugin) => plugin.kind === kind)
    .map(({ name }) => name)
    .join(", ");
