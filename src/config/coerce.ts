import type { Options, Schema } from "../option/option.ts";
import { quoteIn } from "./kql-quote.ts";
import { mapLeaves } from "./leaves.ts";
import { type Origins, partsAt, type ReferencePart } from "./references.ts";
import type { Path } from "./source-file.ts";
import type { YamlFile } from "./yaml-file.ts";

/** Gives values the type of their options where the text is unambiguous; the rest is left to the check. */
export const coerce = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
  { file, origins }: { readonly file: YamlFile; readonly origins: Origins },
): Record<string, unknown> =>
  mapLeaves(options, values, path, (schema, value, at) => {
    const parts = partsAt(file, origins, at);
    if (parts.length > 0 && typeof value === "string") return fromText(schema, value, parts);
    if (schema["kind"] === "bytes" && Number.isSafeInteger(value)) return String(value);
    return value;
  });

/** Text from a reference: YAML did not type it, so the option does. */
const fromText = (schema: Schema, text: string, parts: readonly ReferencePart[]): unknown => {
  if (schema["type"] === "integer" && /^-?[0-9]+$/.test(text)) return Number(text);
  if (schema["type"] === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return schema["kind"] === "kql" ? quoteIn(parts) : text;
};
