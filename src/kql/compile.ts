import type { Mapping } from "../fields/mapping.ts";
import { type MappingOf, mappingsOf } from "../fields/mappings.ts";
import { compilePath } from "../fields/path.ts";
import { pathProblem } from "../fields/path-limits.ts";
import type { FieldType } from "../fields/types.ts";
import { compileGlob } from "../glob.ts";
import type { Data } from "../json.ts";
import { every, some } from "../predicates.ts";
import { KqlError } from "./error.ts";
import { formatLiteral } from "./format.ts";
import { Leaves } from "./leaves.ts";
import type { KqlLimits } from "./limits.ts";
import { offsetOf, sourceOf } from "./literal.ts";
import { isStar, type KqlLiteral, type KqlNode, literalText } from "./node.ts";
import { parseKql } from "./parse.ts";
import { type Comparison, Unfit, type ValueTest } from "./types/comparison.ts";
import { comparisonOf, comparisons } from "./types/index.ts";

export interface KqlOptions {
  /** The type of each field, as an index mapping has it. A `keyword` has `ignore_above: 1024`, as in Elastic's packages. */
  readonly fields?: Readonly<Record<string, FieldType>>;
  /**
   * How to treat a field that `fields` does not list. `invisible`: it has no values, as in an index with `dynamic: false`
   * (the default when `fields` is given). `by_value`: the fields of ECS and of Kubernetes audit events have their own
   * mapping, as far as weir knows its type (see `mappingOf`), all others the JSON type of their values (the default
   * otherwise).
   */
  readonly unlisted?: "by_value" | "invisible";
  /** Limits below the general ones, which apply to a query that is given as text. */
  readonly limits?: Partial<KqlLimits>;
}

/** True when the document matches; it keeps no state between calls. */
export type KqlPredicate = (document: Data) => boolean;

type Tested = Extract<KqlNode, { readonly type: "is" | "range" }>;

/**
 * Compiles a query to a predicate with Elasticsearch's verdicts. Throws a `KqlSyntaxError` for a text that is not KQL,
 * and a `KqlError` for a query that Elasticsearch would refuse (`source.ip:nobody`, `f:null`) or that weir does not
 * support yet (free text, `nested`, dates).
 */
export const compileKql = (query: string | KqlNode, options: KqlOptions = {}): KqlPredicate => {
  const node = typeof query === "string" ? parseKql(query, options.limits) : query;
  const leaves = new Leaves();
  const matches = compile(node, { mappings: mappingsOf(options), leaves });
  return leaves.areShared ? (document) => leaves.shareFor(document, matches) : matches;
};

interface Compiling {
  readonly mappings: MappingOf;
  readonly leaves: Leaves;
}

const compile = (node: KqlNode, compiling: Compiling): KqlPredicate => {
  switch (node.type) {
    case "and":
      return every(node.nodes.map((child) => compile(child, compiling)));
    case "or":
      return some(node.nodes.map((child) => compile(child, compiling)));
    case "not": {
      const inner = compile(node.node, compiling);
      return (document) => !inner(document);
    }
    case "nested":
      throw new KqlError(
        `"${written(node.path)}:{…}" queries nested objects, which weir does not support yet.`,
        "Name the whole path of each field instead. Conditions on two fields may then match in different objects.",
        offsetOf(node.path),
      );
    default:
      return compileTest(node, compiling);
  }
};

const compileTest = (node: Tested, compiling: Compiling): KqlPredicate => {
  const { field, value } = node;
  if (value.type === "null" && field.type !== "null")
    throw new KqlError(
      `"${written(field)}" is compared with null.`,
      `Write not ${written(field)}:* for a field without a value.`,
      offsetOf(value),
    );
  if (node.type === "is" && isStar(value) && (isStar(field) || field.type === "null")) return () => true;
  if (field.type === "wildcard") return compileAnyField(node, field.parts, compiling);
  const name = literalText(field);
  if (name === undefined) throw freeText(node);
  checkPath(field, name);
  const mapping = compiling.mappings(name);
  if (mapping === undefined) return () => false;
  const test = testOf(node, name, mapping);
  const { some } = compilePath(name);
  return (document) => some(document, test);
};

const checkPath = (field: KqlLiteral, name: string): void => {
  const problem = pathProblem(name);
  if (problem) throw new KqlError(`${problem.message}.`, "Name a shorter path.", offsetOf(field));
};

/** A literal as the query has it. */
const written = (literal: KqlLiteral): string => sourceOf(literal) ?? formatLiteral(literal);

const freeText = (node: Tested) =>
  new KqlError(
    `"${written(node.value)}" names no field, and weir does not search all fields.`,
    "Write field:value.",
    offsetOf(node.value),
  );

/** A pattern of names tests each matching field by its own type; a literal that does not fit the type does not match. */
const compileAnyField = (node: Tested, parts: readonly string[], { mappings, leaves }: Compiling): KqlPredicate => {
  const isNamed = compileGlob(parts);
  const tests = new Map<Mapping, ValueTest>();
  const testFor = (mapping: Mapping) => {
    const test = tests.get(mapping) ?? testOrNever(node, mapping);
    tests.set(mapping, test);
    return test;
  };
  leaves.use();
  return (document) =>
    leaves.some(document, (path, value) => {
      const mapping = isNamed(path) ? mappings(path) : undefined;
      return mapping !== undefined && testFor(mapping)(value);
    });
};

const testOrNever = (node: Tested, mapping: Mapping): ValueTest => {
  try {
    return valueTest(node, comparisonOf(mapping));
  } catch (error) {
    if (error instanceof Unfit) return () => false;
    throw error;
  }
};

const testOf = (node: Tested, name: string, mapping: Mapping): ValueTest => {
  const { type } = mapping;
  if (!Object.hasOwn(comparisons, type))
    throw new KqlError(
      `The field "${name}" has the type "${type}", which weir does not support yet.`,
      `Supported: ${Object.keys(comparisons)
        .filter((known) => known !== "by_value")
        .join(", ")}.`,
      offsetOf(node.field),
    );
  try {
    return valueTest(node, comparisonOf(mapping));
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw new KqlError(
      `"${literalText(node.value)}" does not fit the field "${name}": ${error.message}.`,
      error.hint,
      offsetOf(node.value),
    );
  }
};

const valueTest = (node: Tested, comparison: Comparison): ValueTest => {
  const { value } = node;
  if (node.type === "range") return comparison.range(node.operator, rangeLimit(value));
  if (isStar(value)) return comparison.exists;
  if (value.type === "wildcard") return comparison.pattern(value.parts);
  return comparison.equal(literalText(value)!, value.type === "quoted");
};

const rangeLimit = (value: KqlLiteral): string => {
  if (value.type === "wildcard")
    throw new Unfit("a range needs a value without a star", "Remove the star, or write \\* for the character itself.");
  return literalText(value)!;
};
