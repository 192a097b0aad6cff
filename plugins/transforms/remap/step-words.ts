import type { StepEnd } from "./step.ts";

/** How a step ended, in words. `remedy`: what is done about a failure. */
export const outcomeOf = (end: StepEnd, remedy: string): string => {
  if ("failed" in end) return `failed: ${end.failed} → on_failure: ${remedy}`;
  return "dropped" in end ? `dropped: ${end.dropped}` : `rejected: ${end.rejected.message}`;
};

/** A step in short: its number, its name and what it is about, such as `1. grok message`. `isMap`: it has values by field. */
export const titleOf = (number: number, name: string, value: unknown, isMap: boolean): string => {
  const text = `${number}. ${name} ${isMap ? pairsOf(value) : subjectOf(value)}`.trimEnd();
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
};

/** In UTF-16 units. */
const longest = 100;

const pairsOf = (value: unknown): string =>
  Object.entries(value as object)
    .map(([field, inner]) => (typeof inner === "string" ? `${field}: ${inner}` : field))
    .join(", ");

/** Of options only those that name fields or ask for something: others may be secret. */
const subjectOf = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.join(", ");
  const { field, fields, where } = value as Readonly<Record<string, unknown>>;
  if (Array.isArray(fields)) return fields.join(", ");
  return typeof field === "string" ? field : typeof where === "string" ? `where ${where}` : "";
};
