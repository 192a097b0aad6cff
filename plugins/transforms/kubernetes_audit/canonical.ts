import { isObject } from "weir/fields";

const isText = (value: unknown) => typeof value === "string";

/** JSON with the members of every object sorted by name: equal content gives equal text. */
export const canonicalJson = (value: unknown): string => {
  // One call for a long list of texts, such as the addresses of a request.
  if (Array.isArray(value) && value.every(isText)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(",")}}`;
};
