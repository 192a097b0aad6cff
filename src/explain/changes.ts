import { type Data, isObject } from "../json.ts";

/** A field that a step added, changed or removed. Values are JSON texts, so that numbers keep all their digits. */
export interface Change {
  /** The keys from the root to the field. */
  readonly field: readonly string[];
  /** Absent if the field was added. */
  readonly before?: string;
  /** Absent if it was removed. */
  readonly after?: string;
}

interface Leaf {
  readonly field: readonly string[];
  readonly value: string;
}

/** The fields of an event, each a value that is no object: texts, numbers, lists, empty objects. */
export type Leaves = ReadonlyMap<string, Leaf>;

/** Data that cannot be read has no fields: what is wrong with it is found where the event is sent on. */
export const leavesOf = (data: Data): Leaves => {
  const leaves = new Map<string, Leaf>();
  try {
    collect(data, [], leaves);
  } catch {
    leaves.clear();
  }
  return leaves;
};

const collect = (data: Data, above: readonly string[], leaves: Map<string, Leaf>): void => {
  for (const [key, value] of Object.entries(data)) {
    const field = [...above, key];
    if (isPlain(value) && Object.keys(value).length > 0) collect(value, field, leaves);
    else leaves.set(JSON.stringify(field), { field, value: JSON.stringify(value) ?? "null" });
  }
};

/** An object that JSON would write as one, and not, as an `ExactNumber`, as something else. */
const isPlain = (value: unknown): value is Data => isObject(value) && typeof value["toJSON"] !== "function";

/** What differs: fields that were removed or changed in the order in which they were, then those that were added. */
export const changesBetween = (before: Leaves, after: Leaves): readonly Change[] => {
  const changes: Change[] = [];
  for (const [key, { field, value }] of before) {
    const now = after.get(key)?.value;
    if (now !== value) changes.push({ field, before: value, ...(now !== undefined && { after: now }) });
  }
  for (const [key, { field, value }] of after) if (!before.has(key)) changes.push({ field, after: value });
  return changes;
};
