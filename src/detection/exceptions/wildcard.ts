import { fold } from "../../eql/fold.ts";
import { compileWildcard } from "../../eql/wildcard.ts";
import { type FieldTypes, mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { LinearRegex } from "../../regex/linear-regex.ts";

/**
 * Whether a field has a value that a pattern fits as a whole, as in Elasticsearch's `wildcard` query: `*` stands for any text,
 * `?` for one character, and a backslash takes the meaning from the character after it.
 */
export const fitsWildcard = (
  field: string,
  pattern: string,
  { types, ignoreCase = false }: { readonly types?: FieldTypes | undefined; readonly ignoreCase?: boolean } = {},
): ((data: Data) => boolean) => {
  const read = fieldValues(field, mappingWith(field, types));
  if (!ignoreCase) {
    const fits = compile(pattern);
    return (data) => read(data).some(fits);
  }
  const fits = compile(fold(pattern));
  return (data) => read(data).some((value) => fits(fold(value)));
};

/** The pattern that only this text fits. */
export const wildcardOf = (text: string): string => text.replace(/[*?\\]/g, "\\$&");

const compile = (pattern: string): ((text: string) => boolean) => {
  if (!pattern.includes("\\")) return compileWildcard(pattern);
  const source = pattern.replace(/\\(.)|([*?])|([\\^$.+()[\]{}|/])/gsu, (_all, escaped, mark, special) => {
    if (mark !== undefined) return mark === "*" ? ".*" : anyCharacter;
    return special !== undefined ? `\\${special}` : escaped.replace(/[\\^$.*?+()[\]{}|/]/, "\\$&");
  });
  const regex = new LinearRegex(`^(?:${source})$`, { dotAll: true });
  return (text) => regex.test(text);
};

/** A character may take two UTF-16 units. */
const anyCharacter = "(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^\\ud800-\\udfff])";
