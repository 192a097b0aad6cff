import type { Data } from "weir";
import { Draft, ExactNumber, merged, writePath } from "weir/fields";

/** What becomes of a field that several events have. */
export const strategies = [
  "first",
  "last",
  "sum",
  "min",
  "max",
  "list",
  "distinct",
  "concat",
  "concat_newline",
] as const;
export type Strategy = (typeof strategies)[number];

/** Adds an event to those before it: fields that are new are added, nested ones too; of others the strategy decides, and otherwise the first counts. */
export const mergeBy = (by: Readonly<Record<string, Strategy>>): ((before: Data, event: Data) => Data) => {
  const fields = Object.entries(by).map(([field, strategy]) => ({
    path: writePath(field),
    combine: combine[strategy],
  }));
  return (before, event) => {
    // Members of the second count more.
    const draft = new Draft(merged(event, before));
    const [old, fresh] = [new Draft(before), new Draft(event)];
    for (const { path, combine: combined } of fields) {
      const [one, two] = [old.get(path), fresh.get(path)];
      if (one !== undefined && two !== undefined) draft.set(path, combined(one, two));
    }
    return draft.data;
  };
};

const numberOf = (value: unknown): number =>
  typeof value === "number" || value instanceof ExactNumber ? Number(value) : 0;
/** JSON has no infinity: a sum ends at the largest number. */
const finite = (number: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, number));
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const combine: Readonly<Record<Strategy, (before: unknown, value: unknown) => unknown>> = {
  first: (before) => before,
  last: (_, value) => value,
  sum: (before, value) => finite(numberOf(before) + numberOf(value)),
  min: (before, value) => (numberOf(value) < numberOf(before) ? value : before),
  max: (before, value) => (numberOf(value) > numberOf(before) ? value : before),
  list: (before, value) => [...listOf(before), ...listOf(value)],
  distinct: (before, value) => [
    ...new Map([...listOf(before), ...listOf(value)].map((item) => [JSON.stringify(item), item])).values(),
  ],
  concat: (before, value) => `${textOf(before)} ${textOf(value)}`,
  concat_newline: (before, value) => `${textOf(before)}\n${textOf(value)}`,
};
