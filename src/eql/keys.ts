import type { Data } from "../json.ts";
import { EqlError } from "./error.ts";
import type { AccessOf } from "./fields.ts";
import type { EqlField } from "./node.ts";
import { valuesOf } from "./rows.ts";
import { type Value, written } from "./value.ts";

/** The values that the events of a sequence or a sample share. */
export interface JoinKey {
  /** One text for equal keys, and different ones for different keys: JSON, such as `["web-1",4711,null]`. */
  readonly text: string;
  readonly values: readonly Value[];
}

/** How many keys one event can have, when fields have several values. */
const mostKeys = 1_000;

/** How long all keys of an event can be together, if there are several. */
const mostCharacters = 1_000_000;

/** The length of the longest texts. */
const lengthOf = (rows: readonly (readonly Value[])[]): number =>
  rows.reduce(
    (most, row) =>
      Math.max(
        most,
        row.reduce<number>((sum, part) => sum + (typeof part === "string" ? part.length : 0), 0),
      ),
    0,
  );

const onlyKey: readonly JoinKey[] = [{ text: "[]", values: [] }];

/**
 * The keys of an event: one for each combination of values, and none if a field has no value that needs one. Throws an
 * `EqlError` for an event with too many.
 */
export const compileKeys = (fields: readonly EqlField[], access: AccessOf): ((data: Data) => readonly JoinKey[]) => {
  if (fields.length === 0) return () => onlyKey;
  const found = fields.map((field) => ({ access: access(field), optional: field.optional }));
  return (data) => {
    let rows: readonly (readonly Value[])[] = [[]];
    for (const { access, optional } of found) {
      const values = valuesOf(access, data).filter((value) => optional || value !== null);
      if (rows.length * values.length > mostKeys) throw tooMany(fields);
      rows = rows.flatMap((row) => values.map((value) => [...row, value]));
    }
    if (rows.length > 1 && rows.length * lengthOf(rows) > mostCharacters) throw tooMany(fields);
    return rows.map((values) => ({ values, text: `[${values.map(keyText).join(",")}]` }));
  };
};

/** A number with a fraction has a dot, so it differs from an integer. */
const keyText = (value: Value): string =>
  typeof value === "string" ? JSON.stringify(value) : value === null ? "null" : written(value);

const tooMany = (fields: readonly EqlField[]) =>
  new EqlError(
    `An event has too many or too long combinations of values of ${fields.map(({ name }) => `"${name}"`).join(", ")}.`,
    "Join the events by fields that have one value.",
  );
