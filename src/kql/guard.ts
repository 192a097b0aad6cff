import { type Mapping, pathOf } from "../fields/mapping.ts";
import { type MappingOf, mappingsOf, parentsOf } from "../fields/mappings.ts";
import { allOf, always, anyOf, type FieldCondition, type Guard, partsOf, without } from "../guard/guard.ts";
import { type Alternatives, alternatives } from "./alternatives.ts";
import { isStar, type KqlNode, literalText } from "./node.ts";
import type { KqlOptions } from "./options.ts";
import { parseKql } from "./parse.ts";
import { comparisonOf } from "./types/index.ts";
import { type Tested, testOf } from "./value-test.ts";

/** What must hold for an event so that a query can be true. It takes the options with which the query compiles. */
export const guardOfKql = (
  query: string | KqlNode,
  options: Pick<KqlOptions, "fields" | "unlisted" | "limits"> = {},
): Guard => guardOf(typeof query === "string" ? parseKql(query, options.limits) : query, mappingsOf(options));

const guardOf = (node: KqlNode, mappings: MappingOf): Guard => {
  switch (node.type) {
    case "and":
      return without(
        allOf(node.nodes.map((child) => guardOf(child, mappings))),
        node.nodes.flatMap((child) => (child.type === "not" ? conditionsIn(child.node, mappings) : [])),
      );
    case "or":
      return anyOf(alternatives(node.nodes).flatMap((each) => guardsOf(each, mappings)));
    case "not":
    case "nested":
      return always;
    default:
      return guardOfTest(node, mappings);
  }
};

/** Conditions of which none holds for an event for which a query is not true. */
const conditionsIn = (node: KqlNode, mappings: MappingOf): readonly FieldCondition[] => {
  if (node.type === "or") return node.nodes.flatMap((child) => conditionsIn(child, mappings));
  return node.type === "is" || node.type === "range" ? guardOfTest(node, mappings).flat() : [];
};

/** The guards of alternatives; many patterns for one field have one guard. */
const guardsOf = ({ nodes, field, several }: Alternatives, mappings: MappingOf): readonly Guard[] => {
  const mapping = several && mappings(field);
  const test = several && mapping && comparisonOf(mapping).patterns?.(several);
  if (!test || mapping.type === "flattened" || isNested(field, mappings))
    return nodes.map((node) => guardOf(node, mappings));
  const parts = hasOnePattern.has(mapping.type) ? several.map(longestOf).map(partsOf) : [undefined];
  const isKnown = !parts.includes(undefined);
  return [[[{ path: pathOf(field, mapping), test, ...(isKnown && { parts: parts.flatMap((part) => part!) }) }]]];
};

/** Types of which a pattern is one, and not several. */
const hasOnePattern: ReadonlySet<Mapping["type"]> = new Set(["keyword", "by_value"]);

const longestOf = (parts: readonly string[]): string =>
  parts.reduce((known, part) => (part.length > known.length ? part : known), "");

const isNested = (path: string, mappings: MappingOf): boolean =>
  [path, ...parentsOf(path)].some((parent) => mappings(parent)?.type === "nested");

const guardOfTest = (node: Tested, mappings: MappingOf): Guard => {
  const { field } = node;
  const path = field.type === "wildcard" ? undefined : literalText(field);
  const mapping = path === undefined ? undefined : mappings(path);
  if (path === undefined || mapping === undefined || !isPlain(node, path, mapping, mappings)) return always;
  const clock = { now: 0, isUsed: false };
  const test = testOf(node, path, mapping, clock);
  // What the test says then depends on more than the value.
  if (clock.isUsed) return always;
  return [[{ path: pathOf(path, mapping), test, ...(wholeTexts.has(mapping.type) && textsOf(node, mapping)) }]];
};

/** Whether the test is of the values at the path, and of no others. */
const isPlain = ({ value }: Tested, path: string, { type }: Mapping, mappings: MappingOf): boolean =>
  value.type !== "null" &&
  type !== "flattened" &&
  !(isStar(value) && mayHoldObjects.has(type)) &&
  !isNested(path, mappings);

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
  return hasOnePattern.has(mapping.type) ? { parts: partsOf(longestOf(value.parts)) } : undefined;
};
