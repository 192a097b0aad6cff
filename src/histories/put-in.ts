import type { Data } from "../json.ts";

type Tree = Map<string, Tree | string>;

/** An event with these values in these fields: `a.b` is member `b` of the object in `a`. */
export const putIn = (fields: readonly string[], values: readonly string[]): Data => {
  const root: Tree = new Map();
  for (const [index, field] of fields.entries()) {
    const names = field.split(".");
    const last = names.pop()!;
    let at = root;
    for (const name of names) {
      const known = at.get(name);
      const next: Tree = known instanceof Map ? known : new Map();
      at.set(name, next);
      at = next;
    }
    at.set(last, values[index]!);
  }
  return dataOf(root);
};

const dataOf = (tree: Tree): Data =>
  Object.fromEntries([...tree].map(([name, value]) => [name, value instanceof Map ? dataOf(value) : value]));
