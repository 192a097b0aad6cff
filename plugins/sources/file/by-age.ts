import type { Stream } from "./stream.ts";

/** Files that lost their path before the one that has it; then the older first. */
export const byAge = (a: Stream, b: Stream): number => {
  const left = Number(b.path !== b.family || b.leaving !== "no") - Number(a.path !== a.family || a.leaving !== "no");
  if (left !== 0) return left;
  return a.age === b.age ? (a.path < b.path ? -1 : 1) : a.age < b.age ? -1 : 1;
};
