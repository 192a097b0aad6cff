import { type Options, ownKeywords, type Schema } from "../option/option.ts";

/** The schemas of options, for editors. */
export const forEditors = (options: Options): Schema =>
  Object.fromEntries(Object.entries(options).map(([name, schema]) => [name, valueSchema(schema)]));

const own: ReadonlySet<string> = new Set(ownKeywords);
const withoutOwn = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !own.has(keyword)));

const reference = { type: "string", pattern: "\\$\\{(env|file):[^}]+\\}" };

/** An option's schema without weir's own keywords, which also accepts references such as `${env:PORT}`. */
const valueSchema = (schema: Schema): Schema => {
  const { kind } = schema;
  const { description, default: otherwise, examples, title, ...rest } = withoutOwn(schema);
  const words = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(otherwise !== undefined && { default: otherwise }),
    ...(examples !== undefined && { examples }),
  };
  if (kind === "group" || kind === "rules" || kind === "field_type")
    return { ...words, ...rest, properties: forEditors(rest["properties"] as Options) };
  const listed = "items" in rest ? { ...rest, items: valueSchema(rest["items"] as Schema) } : rest;
  if (rest["type"] === "array") return { ...words, ...listed };
  if (kind === "map")
    return { ...words, ...rest, additionalProperties: valueSchema(rest["additionalProperties"] as Schema) };
  const isOpen = rest["type"] === "string" && rest["pattern"] === undefined && rest["enum"] === undefined;
  if (isOpen) return { ...words, ...rest };
  const choices = [listed, reference, ...(kind === "bytes" ? [{ type: "integer", minimum: 1 }] : [])];
  return { ...words, anyOf: choices };
};
