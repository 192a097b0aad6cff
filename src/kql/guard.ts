import type { Mapping } from "../fields/mapping.ts";
import { type MappingOf, mappingsOf, parentsOf } from "../fields/mappings.ts";
import { allOf, always, anyOf, type Guard, partsOf } from "../guard/guard.ts";
import type { KqlOptions } from "./compile.ts";
import { isStar, type KqlNode, literalText } from "./node.ts";
import { parseKql } from "./parse.ts";
import { type Tested, testOf } from "./value-test.ts";

/** What must hold for an event so that a query can be true. It takes the options with which the query compiles. */
export const guardOfKql = (
  query: string | KqlNode,
  options: Pick<KqlOptions, "fields" | "unlisted" | "limits"> = {},
): Guard => guardOf(typeof query === "string" ? parseKql(query, options.limits) : query, mappingsOf(options));

const guardOf = (node: KqlNode, mappings: MappingOf): Guard => {
  switch (node.type) {
    case "and":
      return allOf(node.nodes.map((child) => guardOf(child, mappings)));
    case "or":
      return anyOf(node.nodes.map((child) => guardOf(child, mappings)));
    case "not":
    case "nested":
      return always;
    default:
      return guardOfTest(node, mappings);
  }
};

const guardOfTest = (node: Tested, mappings: MappingOf): Guard => {
  const { field } = node;
  const path = field.type === "wildcard" ? undefined : literalText(field);
  const mapping = path === undefined ? undefined : mappings(path);
  if (path === undefined || mapping === undefined || !isPlain(node, path, mapping, mappings)) return always;
  const clock = { now: 0, isUsed: false };
  const test = testOf(node, path, mapping, clock);
  // What the test says then depends on more than the value.
  if (clock.isUsed) return always;
  return [[{ path, test, ...(wholeTexts.has(mapping.type) && textsOf(node, mapping)) }]];
};

/** Whether the test is of the values at the path, and of no others. */
const isPlain = ({ value }: Tested, path: string, { type }: Mapping, mappings: MappingOf): boolean =>
  value.type !== "null" &&
  type !== "flattened" &&
  !(isStar(value) && mayHoldObjects.has(type)) &&
  ![path, ...parentsOf(path)].some((parent) => mappings(parent)?.type === "nested");

const mayHoldObjects: ReadonlySet<Mapping["type"]> = new Set(["by_value", "object", "geo_point", "geo_shape"]);

/** Types for which two texts are equal only if they are the same. */
const wholeTexts: ReadonlySet<Mapping["type"]> = new Set([
  "by_value",
  "keyword",
  "constant_keyword",
  "wildcard",
  "version",
]);

const textsOf = ({ type, value }: Tested, mapping: Mapping) => {
  if (type === "range") return undefined;
  if (value.type !== "wildcard") return { texts: { values: [literalText(value)!], areFolded: false } };
  // A pattern of the other types may be several.
  if (mapping.type !== "keyword" && mapping.type !== "by_value") return undefined;
  const longest = value.parts.reduce((known, part) => (part.length > known.length ? part : known), "");
  return { parts: partsOf(longest) };
};
