import type { Data } from "weir";
import { addMissing, Draft, ExactNumber, WriteError, type WritePath, writePath } from "weir/fields";

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

/**
 * Merges events: fields that are new are added, nested ones too; of others the strategy decides, and otherwise the first
 * counts. Of all events but the last, objects may be changed: they must be of its own.
 */
export const mergeBy = (by: Readonly<Record<string, Strategy>>): ((events: readonly Data[]) => Data) => {
  const fields = Object.entries(by).map(([field, strategy]) => ({
    path: writePath(field),
    combine: combine[strategy],
  }));
  return (events) => {
    const found = fields.map(({ path }) =>
      events.map((event) => new Draft(event).get(path)).filter((value) => value !== undefined),
    );
    const all: Record<string, unknown> = {};
    for (const event of events) addMissing(all, event);
    const draft = new Draft(all);
    for (const [index, { path, combine: combined }] of fields.entries()) {
      const values = found[index]!;
      // What is in the way of a field in an earlier event counts more.
      if (values.length > 1 && draft.get(path) !== undefined) setIfPossible(draft, path, combined(values));
    }
    return draft.data;
  };
};

/** A list is one level deeper than its values: if that is too deep, the first value stays. */
const setIfPossible = (draft: Draft, path: WritePath, value: unknown): void => {
  try {
    draft.set(path, value);
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
  }
};

const isNumber = (value: unknown): value is number | ExactNumber =>
  typeof value === "number" || value instanceof ExactNumber;
const numberOf = (value: unknown): number => (isNumber(value) ? Number(value) : 0);
/** The number that is before all others in an order; the first value if none is a number. */
const extreme =
  (isBefore: (a: number, b: number) => boolean) =>
  (values: readonly unknown[]): unknown => {
    const numbers = values.filter(isNumber);
    if (numbers.length === 0) return values[0];
    return numbers.reduce((found, value) => (isBefore(Number(value), Number(found)) ? value : found));
  };
/** JSON has no infinity: a sum ends at the largest number. */
const finite = (number: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, number));
const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const listOf = (values: readonly unknown[]): readonly unknown[] => values.flat();

const combine: Readonly<Record<Strategy, (values: readonly unknown[]) => unknown>> = {
  first: (values) => values[0],
  last: (values) => values.at(-1),
  sum: (values) => values.reduce<number>((sum, value) => finite(sum + numberOf(value)), 0),
  min: extreme((a, b) => a < b),
  max: extreme((a, b) => a > b),
  list: listOf,
  distinct: (values) => [...new Map(listOf(values).map((item) => [JSON.stringify(item), item])).values()],
  concat: (values) => values.map(textOf).join(" "),
  concat_newline: (values) => values.map(textOf).join("\n"),
};
