import type { FieldType } from "../fields/types.ts";
import { writtenType } from "../fields/written-type.ts";
import { type Data, isObject } from "../json.ts";
import { compileKql, type KqlNever, type KqlOptions } from "../kql/index.ts";
import { type Catalogs, compiling, type OptionDecoder, summaryOf, type Warn } from "./decoder.ts";

/** Checks a query with the types that the component gives, and warns if one of its conditions is never true. */
export const decodeKql: OptionDecoder = (query, catalogs, warn, beside) => check(query, catalogs, warn, beside);

/** The same for a query in a rule file: the pipeline that runs the rule says where to search for a text without a field. */
export const decodeKqlOfRule: OptionDecoder = (query, catalogs, warn, beside) =>
  check(query, catalogs, warn, beside, anyField);

/** Which field it is makes no difference to whether a query compiles. */
const anyField: Pick<KqlOptions, "defaultFields"> = { defaultFields: ["message"] };

const check = (
  query: string,
  catalogs: Catalogs,
  warn: Warn,
  beside: Readonly<Record<string, unknown>>,
  more: Pick<KqlOptions, "defaultFields"> = {},
): string => {
  const found: KqlNever[] = [];
  const onNever = (never: KqlNever) => found.push(never);
  const compile = (text: string) => compileKql(text, { ...typesIn(beside), ...more, onNever });
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
