import { ExactNumber, isObject } from "weir/fields";
import { sortedNames } from "./member-order.ts";

/** JSON with the members of every object sorted by name: equal content gives equal text. */
export const canonicalJson = (value: unknown): string => {
  const sorted = sortedCopy(value);
  return sorted === unsorted ? bySorting(value) : (JSON.stringify(sorted) ?? "null");
};

/** Stands for a value with members that JavaScript would order in its own way. */
const unsorted = Symbol("unsorted");

/** The same value with the members of every object in order, so that one call of JSON.stringify writes all of it. */
const sortedCopy = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return value ?? null;
  if (Array.isArray(value)) return sortedItems(value);
  const object = value as Readonly<Record<string, unknown>>;
  const names = sortedNames(object);
  if (names === null) return unsorted;
  const copy: Record<string, unknown> = {};
  for (let index = 0; index < names.length; index++) {
    const name = names[index]!;
    const inner = sortedCopy(object[name]);
    if (inner === unsorted) return unsorted;
    copy[name] = inner;
  }
  return copy;
};

const sortedItems = (items: readonly unknown[]): unknown => {
  if (items.every((item) => typeof item === "string")) return items;
  const copies = items.map(sortedCopy);
  return copies.includes(unsorted) ? unsorted : copies;
};

/** The same for any value, with a call for each. */
const bySorting = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(bySorting).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${bySorting(value[key])}`).join(",")}}`;
};
