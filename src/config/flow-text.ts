import { isObject } from "../json.ts";

/** A value as YAML on one line, for messages: `[a, "b: c"]`, `{ requests: count }`. */
export const flowText = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(flowText).join(", ")}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([key, inner]) => `${wordText(key)}: ${flowText(inner)}`);
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  return typeof value === "string" ? wordText(value) : String(value);
};

/** Quoted if YAML could read it as something else, within brackets. */
const wordText = (text: string): string =>
  /^[\w/.*$<][^[\]{},#"\\\n]*$/.test(text) && !/: |:$| #| $/.test(text) ? text : JSON.stringify(text);
