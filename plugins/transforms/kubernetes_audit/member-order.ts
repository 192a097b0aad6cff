/** Objects that have the same names in the same order, up to a member. */
interface Known {
  next: Map<string, Known> | undefined;
  /** The names in order, of objects that end here. */
  sorted: readonly string[] | null | undefined;
}

const newKnown = (): Known => ({ next: undefined, sorted: undefined });

/** Limits on the members to remember, and on the length of their names: clients can send any. */
const mostKnown = 4096;
const longestName = 128;

let start = newKnown();
let count = 0;

/**
 * The names of an object's members, sorted, or null if JavaScript orders some of them differently. Objects in an audit log have few
 * different lists of names, and looking one up is faster than sorting it.
 */
export const sortedNames = (object: Readonly<Record<string, unknown>>): readonly string[] | null => {
  let known = start;
  for (const name in object) {
    let next = known.next?.get(name);
    if (!next) {
      if (name.length > longestName) return sorted(object);
      if (++count > mostKnown) {
        start = newKnown();
        count = 0;
        return sorted(object);
      }
      next = newKnown();
      known.next ??= new Map();
      known.next.set(name, next);
    }
    known = next;
  }
  if (known.sorted === undefined) known.sorted = sorted(object);
  return known.sorted;
};

const sorted = (object: Readonly<Record<string, unknown>>): readonly string[] | null => {
  const names = Object.keys(object);
  return names.some((name) => isDigit(name.charCodeAt(0)) || name === "__proto__") ? null : names.sort();
};

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
