import type { FieldType } from "../fields/types.ts";
import { writtenType } from "../fields/written-type.ts";
import { type Data, isObject } from "../json.ts";
import { compileKql, type KqlNever } from "../kql/index.ts";
import { compiling, type OptionDecoder, summaryOf } from "./decoder.ts";

/** Checks a query with the types that the component gives, and warns if one of its conditions is never true. */
export const decodeKql: OptionDecoder = (query, catalogs, warn, beside) => {
  const found: KqlNever[] = [];
  const compile = (text: string) => compileKql(text, { ...typesIn(beside), onNever: (never) => found.push(never) });
  compiling(compile, "config/kql", summaryOf)(query, catalogs, warn, beside);
  const [first] = found;
  if (first) warn("config/never-true", [conditionOn(first, found.length), first.reason], first.hint, first.offset);
  return query;
};

const conditionOn = ({ field }: KqlNever, count: number): string =>
  count === 1 ? `The condition on "${field}"` : `The condition on "${field}" (the first of ${count} such conditions)`;

const typesOf = (fields: Data): Readonly<Record<string, FieldType>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([field, written]) => {
      const type = writtenType(written);
      return type === undefined ? [] : [[field, type]];
    }),
  );

/** Options with these names may be others in components of other authors. */
export const typesIn = ({ fields, default_fields: defaultFields }: Readonly<Record<string, unknown>>) => ({
  ...(isObject(fields) && { fields: typesOf(fields) }),
  unlisted: "by_value" as const,
  ...(Array.isArray(defaultFields) && { defaultFields: defaultFields.filter((field) => typeof field === "string") }),
});
