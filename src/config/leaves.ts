import { isObject } from "../json.ts";
import type { Options, Schema } from "../option/option.ts";
import type { Path } from "./source-file.ts";

/**
 * Copies the values of options, and replaces each single value by what `change` returns for it. Groups, maps and lists
 * are walked; everything else is a single value. A value without an option, or of another shape, is copied as it is.
 */
export const mapLeaves = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
  change: (schema: Schema, value: unknown, path: Path) => unknown,
): Record<string, unknown> => {
  const walk = (schema: Schema | undefined, value: unknown, at: Path): unknown => {
    if (schema?.["items"] !== undefined && Array.isArray(value))
      return value.map((item, index) => walk(schema["items"] as Schema, item, [...at, index]));
    if (schema?.["kind"] === "group" && isObject(value))
      return mapLeaves(schema["properties"] as Options, value, at, change);
    if (schema?.["kind"] === "map" && isObject(value)) return mapValues(schema, value, at);
    return schema === undefined ? value : change(schema, value, at);
  };
  const mapValues = (schema: Schema, value: Readonly<Record<string, unknown>>, at: Path) =>
    Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        walk(schema["additionalProperties"] as Schema, inner, [...at, name]),
      ]),
    );
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, walk(ownOf(options, name), value, [...path, name])]),
  );
};

const ownOf = (options: Options, name: string): Schema | undefined =>
  Object.hasOwn(options, name) ? options[name] : undefined;
