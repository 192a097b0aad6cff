import type { StepEnd } from "./step.ts";

/** How a step ended, in words. `remedy`: what is done about a failure. */
export const outcomeOf = (end: StepEnd, remedy: string): string => {
  if ("failed" in end) return `failed: ${end.failed} → on_failure: ${remedy}`;
  return "dropped" in end ? `dropped: ${end.dropped}` : `rejected: ${end.rejected.message}`;
};

/** A step in short: its number, its name and what it is about, such as `1. grok message`. */
export const titleOf = (number: number, name: string, value: unknown): string => {
  const text = `${number}. ${name} ${subjectOf(value)}`.trimEnd();
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
};

/** In UTF-16 units. */
const longest = 100;

const subjectOf = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.map(subjectOf).join(", ");
  const { field } = value as { readonly field?: unknown };
  if (typeof field === "string") return field;
  return Object.entries(value)
    .map(([key, inner]) => (typeof inner === "string" ? `${key}: ${inner}` : key))
    .join(", ");
};
