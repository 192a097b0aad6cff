import { isObject } from "../json.ts";
import { ownKeywords, type Schema } from "./option.ts";

/** One value that its schema does not allow. */
export interface Violation {
  /** The keyword of JSON Schema that it violates. */
  readonly keyword: string;
  /** Where the value is: names and positions, from the value that was checked. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** The schema that has the keyword. */
  readonly schema: Schema;
  /** The property that is unknown, missing, or at fault: for a name, the name itself. */
  readonly property?: string;
  /** The property without which `property` cannot be. */
  readonly missing?: string;
  /** Of `not`, the properties that contradict each other. */
  readonly apart?: readonly string[];
  /** Of `oneOf`, how many alternatives the value has. */
  readonly passing?: number;
}

/** What is found out about one value. */
interface Finding {
  readonly value: unknown;
  readonly schema: Schema;
  readonly path: readonly string[];
  /** The name of a property, if that is the value. */
  readonly name: string | undefined;
  readonly found: Violation[];
}

/**
 * Checks a value against the JSON Schema of an option, by the keywords that options have (draft 7); fills defaults into objects.
 * Empty if there is nothing wrong. Throws if the schema has another keyword.
 */
export const violations = (schema: Schema, value: unknown): Violation[] => {
  const found: Violation[] = [];
  check({ value, schema, path: [], name: undefined, found });
  return found;
};

const check = (finding: Finding): void => {
  const { value, schema } = finding;
  for (const keyword of Object.keys(schema))
    if (!known.has(keyword)) throw new Error(`An option cannot have "${keyword}" in its JSON Schema.`);
  checkType(finding);
  if (typeof value === "number") checkNumber(finding);
  if (typeof value === "string") checkText(finding);
  checkAlternatives(finding);
  if (Array.isArray(value)) checkList(finding, value);
  else if (isObject(value)) checkMap(finding, value as Record<string, unknown>);
};

/** What says nothing about which values are allowed. */
const annotations = ["title", "description", "default", "examples", ...ownKeywords];
const known: ReadonlySet<string> = new Set([
  ...["type", "minimum", "maximum", "minLength", "pattern", "enum", "not", "oneOf", "allOf", "if", "then"],
  ...["minItems", "maxItems", "items"],
  ...["required", "dependencies", "propertyNames", "additionalProperties", "properties"],
  ...annotations,
]);

const report = (
  { value, schema, path, name, found }: Finding,
  keyword: string,
  more: Partial<Violation> = {},
): void => {
  found.push({ keyword, path, value, schema, ...(name !== undefined && { property: name }), ...more });
};

const isOfType = (value: unknown, type: string): boolean => {
  if (type === "integer") return Number.isInteger(value);
  if (type === "number") return Number.isFinite(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return type === "null" ? value === null : typeof value === type;
};

const checkType = (finding: Finding): void => {
  const types = finding.schema["type"];
  if (types === undefined) return;
  if (![types].flat().some((type) => isOfType(finding.value, String(type)))) report(finding, "type");
};

const checkNumber = (finding: Finding): void => {
  const { minimum, maximum } = finding.schema as { readonly minimum?: number; readonly maximum?: number };
  const value = finding.value as number;
  if (maximum !== undefined && !(value <= maximum)) report(finding, "maximum");
  if (minimum !== undefined && !(value >= minimum)) report(finding, "minimum");
};

const checkText = (finding: Finding): void => {
  const { minLength = 0, pattern } = finding.schema as { readonly minLength?: number; readonly pattern?: string };
  const value = finding.value as string;
  // A length counts characters; with so many code units, there are enough.
  if (value.length < 2 * minLength && [...value].length < minLength) report(finding, "minLength");
  if (pattern !== undefined && !compiled(pattern).test(value)) report(finding, "pattern");
};

const patterns = new Map<string, RegExp>();
const mostKept = 1_000;

const compiled = (pattern: string): RegExp => {
  const expression = patterns.get(pattern) ?? new RegExp(pattern, "u");
  if (patterns.size < mostKept) patterns.set(pattern, expression);
  return expression;
};

const isAllowed = (finding: Finding, schema: Schema): boolean => {
  const found: Violation[] = [];
  // Alternatives fill in nothing: their schemas say `required` and `type` alone.
  check({ ...finding, schema, found });
  return found.length === 0;
};

const checkAlternatives = (finding: Finding): void => {
  const { schema, value } = finding;
  const choices = schema["enum"];
  if (Array.isArray(choices) && !choices.includes(value)) report(finding, "enum");
  const not = schema["not"] as Schema | undefined;
  if (not && isAllowed(finding, not)) report(finding, "not", { apart: (not["required"] ?? []) as readonly string[] });
  const oneOf = schema["oneOf"] as readonly Schema[] | undefined;
  const passing = oneOf?.filter((one) => isAllowed(finding, one)).length ?? 1;
  if (passing !== 1) report(finding, "oneOf", { passing });
  for (const one of (schema["allOf"] ?? []) as readonly Schema[]) check({ ...finding, schema: one });
  const condition = schema["if"] as Schema | undefined;
  if (condition && isAllowed(finding, condition)) check({ ...finding, schema: schema["then"] as Schema });
};

const checkList = (finding: Finding, items: readonly unknown[]): void => {
  const { schema, path } = finding;
  const { minItems = 0, maxItems = Infinity } = schema as { readonly minItems?: number; readonly maxItems?: number };
  if (items.length > maxItems) report(finding, "maxItems");
  if (items.length < minItems) report(finding, "minItems");
  const each = schema["items"] as Schema | undefined;
  if (each)
    items.forEach((value, index) => {
      check({ ...finding, value, schema: each, path: [...path, String(index)], name: undefined });
    });
};

const checkMap = (finding: Finding, map: Record<string, unknown>): void => {
  const { schema, path } = finding;
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const has = (name: string) => Object.hasOwn(map, name) && map[name] !== undefined;
  for (const [name, { default: usual }] of Object.entries(properties))
    if (usual !== undefined && !has(name)) map[name] = typeof usual === "object" ? structuredClone(usual) : usual;
  for (const name of (schema["required"] ?? []) as readonly string[])
    if (!has(name)) report(finding, "required", { property: name });
  const dependencies = (schema["dependencies"] ?? {}) as Readonly<Record<string, readonly string[]>>;
  for (const [property, needed] of Object.entries(dependencies))
    for (const missing of has(property) ? needed.filter((name) => !has(name)) : [])
      report(finding, "dependencies", { property, missing });
  const names = schema["propertyNames"] as Schema | undefined;
  for (const name of names ? Object.keys(map) : []) check({ ...finding, value: name, schema: names!, name });
  const others = schema["additionalProperties"] as Schema | false | undefined;
  for (const name of Object.keys(map).filter((name) => !Object.hasOwn(properties, name))) {
    if (others === false) report(finding, "additionalProperties", { property: name });
    else if (others) check({ ...finding, value: map[name], schema: others, path: [...path, name], name: undefined });
  }
  for (const [name, inner] of Object.entries(properties))
    if (has(name)) check({ ...finding, value: map[name], schema: inner, path: [...path, name], name: undefined });
};
