import { Draft } from "../fields/draft.ts";
import { merged } from "../fields/members.ts";
import { type WritePath, writePath } from "../fields/write-path.ts";
import { type Data, isObject } from "../json.ts";
import type { NamePath } from "./rewrite.ts";

/**
 * The fields of an event for an expression that selects these paths: a field is found whether its dots are nesting or part
 * of a key. An object that is not there at all is empty, so that `has(user.name)` is false.
 */
export const nesting = (paths: readonly NamePath[]): ((data: Data) => Data) => {
  const selected = paths.flatMap((path) => (path.length > 1 ? [{ path, field: fieldOf(path) }] : []));
  return (data) => {
    let fields = data;
    for (const { path, field } of selected) {
      if (isNested(fields, path)) continue;
      const value = field && new Draft(data).get(field);
      if (value !== undefined) fields = merged(fields, nestedAt(path, value));
      else if (!Object.hasOwn(fields, path[0]!)) fields = merged(fields, nestedAt(path.slice(0, 1), {}));
    }
    return fields;
  };
};

/** Names that no path of a field can have are only keys. */
const fieldOf = (path: NamePath): WritePath | undefined => {
  try {
    return writePath(path.join("."));
  } catch {
    return undefined;
  }
};

const isNested = (data: Data, path: NamePath): boolean => {
  let value: unknown = data;
  for (const name of path) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return false;
    value = value[name];
  }
  return true;
};

const nestedAt = (path: NamePath, value: unknown): Data =>
  path.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value) as Data;
