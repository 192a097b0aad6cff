import { isObject } from "../json.ts";
import type { Schema } from "../option/option.ts";
import { durationMeant, sizeMeant } from "../option/quantity.ts";
import type { Violation } from "../option/violations.ts";
import { didYouMean } from "../problem.ts";
import { counted } from "../text.ts";
import { flowText } from "./flow-text.ts";
import type { ReferencePart } from "./references.ts";
import { addressHint, takes, urlHint, withoutUser } from "./text-words.ts";

/** A value for messages: in quotes, short, and never a secret; `undefined` when there is none. */
export const show = (value: unknown, schema: Schema, parts: readonly ReferencePart[]): string | undefined => {
  if (value === null || value === "") return undefined;
  if (schema["kind"] === "secret" && !isObject(value) && !Array.isArray(value))
    return typeof value === "string" ? "This secret" : `A ${typeof value}`;
  if (parts.some(({ from }) => from === "file"))
    return `"${withoutUser(parts.map(({ written }) => written).join(""))}"`;
  if (Array.isArray(value)) return value.length === 0 ? "An empty list" : `A list of ${value.length}`;
  if (isObject(value)) return "A map";
  const text = withoutUser(String(value));
  return `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;
};

/** What a value must be, in the words of its option. */
export const wantedBy = ({ keyword, schema }: Violation): string => {
  const title = String(schema["title"] ?? "a valid value");
  const limit = Number(schema[keyword]);
  if (keyword === "minimum") return `${title} of at least ${limit}`;
  if (keyword === "maximum") return `${title} of at most ${limit}`;
  if (keyword === "minItems") return `${title} of at least ${counted(limit, "item")}`;
  return keyword === "maxItems" ? `${title} of at most ${counted(limit, "item")}` : title;
};

/** What the value of an option must be, with an example if there is one. */
export const wantedOf = (schema: Schema | undefined): string => {
  const [example] = (schema?.["examples"] ?? []) as readonly unknown[];
  const shown = typeof example === "string" ? example : flowText(example);
  return `${schema?.["title"]}${example === undefined ? "" : `, such as ${shown}`}`;
};

/** The way out, if the value shows what was meant. */
export const hintFor = ({ value: data, schema }: Violation, parts: readonly ReferencePart[]): string | undefined => {
  if (data === "") return emptyHint(parts);
  const choices = schema["enum"];
  if (Array.isArray(choices)) return didYouMean(String(data), choices);
  if (schema["type"] === "array") return listHint(data, schema);
  if (schema["type"] === "object") return mapHint(data, schema);
  if (schema["type"] === "boolean") return booleanHint(data);
  if (schema["kind"] === "duration" && typeof data === "number") return unitHint(`${data}s`, schema);
  if (typeof data === "string") return textHint(data, schema) ?? emptyHint(parts);
  if (schema["kind"] === "secret") return "Quote it.";
  if (schema["type"] !== "string") return undefined;
  if (isObject(data)) return "Quote it: YAML reads this as a map.";
  if (typeof data !== "number" && typeof data !== "boolean") return undefined;
  return takes(schema, String(data)) ? `Quote it: "${data}".` : addressHint(String(data), schema);
};

const listHint = (data: unknown, schema: Schema): string | undefined => {
  if (typeof data === "string") return `Write ${flowText([data])}.`;
  if (!isObject(data)) return undefined;
  const { kind, title } = schema["items"] as Schema;
  return kind === "group" ? 'Begin each item with "- ".' : `Each item is ${title}.`;
};

/** What a map looks like that has what it needs. */
const mapHint = (data: unknown, schema: Schema): string | undefined => {
  const { required, propertyNames: names, additionalProperties: values } = schema;
  if (isObject(names) && isObject(values))
    return `Before each colon there is ${names["title"]}, after it ${values["title"]}.`;
  const { properties, oneOf } = schema;
  if (oneOf && isObject(properties)) {
    const names = Object.keys(properties);
    return `Write { ${names.find((name) => name === data) ?? names[0]}: … }.`;
  }
  if (!Array.isArray(required)) return undefined;
  return `Write { ${required.map((name) => `${name}: …`).join(", ")} }.`.replace("{  }", "{}");
};

/** A unit may not be enough: a duration of zero stays one. */
const unitHint = (written: string, schema: Schema): string | undefined =>
  takes(schema, written) ? `Add a unit: ${written}.` : undefined;

const textHint = (text: string, schema: Schema): string | undefined => {
  if (schema["kind"] === "secret") return urlHint(text, schema);
  const meant =
    schema["kind"] === "duration" ? durationMeant(text) : schema["kind"] === "bytes" ? sizeMeant(text) : undefined;
  if (meant !== undefined && takes(schema, meant)) return `Write ${meant}.`;
  return urlHint(text, schema) ?? addressHint(text, schema);
};

/** Names the file or variable that is empty: the mistake is not in the pipeline. */
const emptyHint = (parts: readonly ReferencePart[]): string | undefined => {
  const empty = parts.filter(({ value, from }) => value === "" && from !== "text");
  const references = empty.map(({ written }) => /^\$\{(env|file):(.*?)(?::-.*)?\}$/s.exec(written) ?? []);
  const [, from, name] = references.find(([written]) => written !== undefined) ?? [];
  if (from === "file") return `The file "${name}" is empty.`;
  return name && `The environment variable "${name}" is empty: set it before you start weir.`;
};

const booleanHint = (data: unknown): string | undefined => {
  if (/^(yes|on|y|1)$/i.test(String(data))) return "Write true.";
  return /^(no|off|n|0)$/i.test(String(data)) ? "Write false." : undefined;
};
