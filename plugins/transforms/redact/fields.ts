import { isObject } from "weir/fields";

/** What a value becomes; undefined removes it. */
export type Change = (value: unknown) => unknown;

/**
 * Changes every value at a path, and copies what contains one: whether the path's dots are nesting or part of a key, in each
 * item of arrays on the way, and in all places if there are several.
 */
export const changedAt = (value: unknown, segments: readonly string[], change: Change): unknown => {
  if (Array.isArray(value)) return changedItems(value, segments, change);
  if (!isObject(value)) return value;
  const changes = new Map<string, unknown>();
  let key = "";
  for (let end = 0; end < segments.length; end++) {
    key = end === 0 ? segments[0]! : `${key}.${segments[end]}`;
    if (!Object.hasOwn(value, key)) continue;
    const rest = segments.slice(end + 1);
    const next = rest.length === 0 ? change(value[key]) : changedAt(value[key], rest, change);
    if (next !== value[key]) changes.set(key, next);
  }
  if (changes.size === 0) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const next = changes.has(name) ? changes.get(name) : inner;
      return next === undefined ? [] : [[name, next]];
    }),
  );
};

const changedItems = (items: readonly unknown[], segments: readonly string[], change: Change): unknown => {
  const [first, ...rest] = segments;
  const changed = items.map((item, index) => {
    if (String(index) !== first) return changedAt(item, segments, change);
    return rest.length === 0 ? change(item) : changedAt(item, rest, change);
  });
  if (changed.every((item, index) => item === items[index])) return items;
  return changed.filter((item) => item !== undefined);
};
