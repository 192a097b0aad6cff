import type { Value } from "../../eql/index.ts";

/** The values of a key as texts; null for a field without a value. */
export const keyTexts = (values: readonly Value[]): readonly (string | null)[] =>
  values.map((value) => (value === null ? null : String(value)));
