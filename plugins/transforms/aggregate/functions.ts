import { type Data, fieldValues, type Json } from "weir";
import { compilePath, ExactNumber } from "weir/fields";
import { emptySketch, quantileOf, type Sketch, withNumbers } from "./sketch.ts";

/** A function over the events of a window. What it remembers is JSON, so that it survives a crash. */
export interface Aggregate {
  /** For `distinct`: the values of an event, of which each counts once in a window. */
  readonly valuesOf?: (data: Data) => readonly string[];
  /** How many values of an event it reads, if it may be more than one. */
  readonly sizeOf?: (data: Data) => number;
  readonly empty: Json;
  /** What it remembers after one more event. */
  add(before: Json, data: Data): Json;
  /** Its result; undefined if there is none. */
  result(memory: Json): Json | undefined;
}

/** How many values `values` lists, and how long each may be, in UTF-16 units. */
const [mostValues, longestValue] = [100, 1024];

/** Compiles `count`, `sum(field)` and the like. Throws an error for people. */
export const compileAggregate = (text: string): Aggregate => {
  const [, name = "", field = "", share] =
    /^\s*([a-z]+)\s*(?:\(\s*([^,()]+?)\s*(?:,\s*(\d+(?:\.\d+)?)\s*)?\))?\s*$/.exec(text) ?? [];
  if (!Object.hasOwn(makers, name))
    throw new Error(`the functions are ${Object.keys(makers).join(", ")}, with a field as in sum(bytes)`);
  if (name !== "count" && field === "") throw new Error(`"${name}" needs a field: ${name}(took)`);
  if (share !== undefined && name !== "percentile") throw new Error(`"${name}" has one argument`);
  return makers[name as keyof typeof makers](field, Number(share ?? 95));
};

const numbersOf = (field: string): ((data: Data) => readonly number[]) => {
  const path = compilePath(field);
  return (data) =>
    path.values(data).flatMap((value) => {
      const number = value instanceof ExactNumber ? Number(value) : value;
      return typeof number === "number" && Number.isFinite(number) ? [number] : [];
    });
};

/** JSON has no infinity: a sum ends at the largest number. */
const finite = (number: number): number => Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, number));

/** A function that folds the numbers of a field. */
const folding = (field: string, fold: (before: number | null, number: number) => number): Aggregate => {
  const read = numbersOf(field);
  return {
    sizeOf: (data) => read(data).length,
    empty: null,
    add: (before, data) => read(data).reduce<number | null>(fold, before as number | null),
    result: (memory) => memory ?? undefined,
  };
};

const count = (field: string): Aggregate => {
  const path = field === "" ? undefined : compilePath(field);
  return {
    empty: 0,
    add: (before, data) => (before as number) + (path && !path.some(data, () => true) ? 0 : 1),
    result: (memory) => memory,
  };
};

const avg = (field: string): Aggregate => {
  const read = numbersOf(field);
  return {
    sizeOf: (data) => read(data).length,
    empty: [0, 0],
    add: (before, data) => {
      const [sum, size] = before as [number, number];
      const numbers = read(data);
      return [numbers.reduce((total, number) => finite(total + number), sum), size + numbers.length];
    },
    result: (memory) => {
      const [sum, size] = memory as [number, number];
      return size === 0 ? undefined : sum / size;
    },
  };
};

const percentile = (field: string, share: number): Aggregate => {
  if (share > 100) throw new Error("a percentile is at most 100");
  const read = numbersOf(field);
  return {
    sizeOf: (data) => read(data).length,
    empty: emptySketch as unknown as Json,
    add: (before, data) => withNumbers(before as unknown as Sketch, read(data)) as unknown as Json,
    result: (memory) => quantileOf(memory as unknown as Sketch, share / 100),
  };
};

const values = (field: string): Aggregate => {
  const path = compilePath(field);
  return {
    sizeOf: (data) => path.values(data).length,
    empty: [],
    add: (before, data) => {
      const known = before as string[];
      const found = path.values(data).map((value) => String(value).slice(0, longestValue));
      const fresh = [...new Set(found)].filter((value) => !known.includes(value));
      return fresh.length === 0 ? before : [...known, ...fresh].slice(0, mostValues);
    },
    result: (memory) => memory,
  };
};

const one = (field: string, isLast: boolean): Aggregate => {
  const path = compilePath(field);
  return {
    empty: null,
    add: (before, data) => {
      if (before !== null && !isLast) return before;
      const value = path.values(data)[0];
      if (value === undefined) return before;
      return typeof value === "string" ? value.slice(0, longestValue) : (value as Json);
    },
    result: (memory) => memory ?? undefined,
  };
};

/** The window remembers the values, each in an entry of its own; the number is what is left here. */
const distinct = (field: string): Aggregate => ({
  valuesOf: fieldValues(field),
  empty: 0,
  add: (before) => before,
  result: (memory) => memory,
});

const makers = {
  count,
  distinct,
  sum: (field: string) => folding(field, (before, number) => finite((before ?? 0) + number)),
  min: (field: string) => folding(field, (before, number) => Math.min(before ?? number, number)),
  max: (field: string) => folding(field, (before, number) => Math.max(before ?? number, number)),
  avg,
  percentile,
  values,
  first: (field: string) => one(field, false),
  last: (field: string) => one(field, true),
} as const;
