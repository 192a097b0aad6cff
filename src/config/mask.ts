import type { Options } from "../option.ts";
import type { Plugin } from "../plugin.ts";
import { componentOptions } from "./host-options.ts";
import { mapLeaves } from "./leaves.ts";
import { type Origins, partsAt } from "./references.ts";
import { Report } from "./report.ts";
import { readShell } from "./shell.ts";
import { type Path, YamlFile } from "./yaml-file.ts";

const mask = "******";

/** Values of options with everything secret masked: secret options, and whatever was read from a file. */
export const maskValues = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
  { file, origins }: { readonly file: YamlFile; readonly origins: Origins },
): Record<string, unknown> =>
  mapLeaves(options, values, path, (schema, value, at) => {
    if (schema["kind"] === "secret") return mask;
    const parts = partsAt(file, origins, at);
    if (!parts.some(({ from }) => from === "file")) return value;
    return parts.map((part) => (part.from === "file" ? mask : part.value)).join("");
  });

/** The text of a pipeline with the secrets that stand in it starred out, character by character: places stay. */
export const maskText = (text: string, plugins: readonly Plugin[]): string => {
  const file = new YamlFile("", text);
  let masked = text;
  for (const { kind, path, values } of readShell(plainValue(file), new Report(file))) {
    const plugin = plugins.find(({ name, kind: other }) => other === kind && name === values?.["type"]);
    if (!plugin || !values) continue;
    mapLeaves(componentOptions(plugin), values, path, (schema, value, at) => {
      const [from, to] = file.scalar(at)?.range ?? [0, 0];
      if (schema["kind"] === "secret" && !isReference(value))
        masked = masked.slice(0, from) + text.slice(from, to).replace(/\S/g, "*") + masked.slice(to);
      return value;
    });
  }
  return masked;
};

const isReference = (value: unknown): boolean => typeof value === "string" && /^\$\{[^}]*\}$/.test(value);

const plainValue = (file: YamlFile): unknown => {
  try {
    return file.document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
};
