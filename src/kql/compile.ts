import { someAt, someWithin } from "../fields/deep-path.ts";
import { fieldAt, type Mapping } from "../fields/mapping.ts";
import { type MappingOf, mappingsOf, parentsOf } from "../fields/mappings.ts";
import { compilePath } from "../fields/path.ts";
import { pathProblem } from "../fields/path-limits.ts";
import { compileGlob } from "../glob.ts";
import { type Data, isObject } from "../json.ts";
import { every, some } from "../predicates.ts";
import { type Alternatives, alternatives } from "./alternatives.ts";
import { KqlError } from "./error.ts";
import { Leaves } from "./leaves.ts";
import { offsetOf } from "./literal.ts";
import { isStar, type KqlLiteral, type KqlNode, literalText } from "./node.ts";
import type { KqlOptions } from "./options.ts";
import { parseKql } from "./parse.ts";
import type { Clock } from "./types/clock.ts";
import type { ValueTest } from "./types/comparison.ts";
import { comparisonOf } from "./types/index.ts";
import { never, whyNever } from "./types/never.ts";
import { isExistence, type Tested, testOf, testOrNever, written } from "./value-test.ts";

/**
 * True when the document matches; it keeps no verdicts between calls. `now` is what the query means by it, in milliseconds
 * since 1970: for events, the time of ingestion, so that a repeated run has the same verdicts.
 */
export type KqlPredicate = (document: Data, now?: number) => boolean;

/**
 * Compiles a query to a predicate with Elasticsearch's verdicts. Throws a `KqlSyntaxError` for a text that is not KQL,
 * and a `KqlError` for a query that Elasticsearch would refuse (`source.ip:nobody`, `f:null`), or that has free text
 * although no default field is given.
 */
export const compileKql = (query: string | KqlNode, options: KqlOptions = {}): KqlPredicate => {
  const node = typeof query === "string" ? parseKql(query, options.limits) : query;
  const leaves = new Leaves();
  const clock = { now: 0, isUsed: false };
  const mappings = mappingsOf(options);
  const { defaultFields = [], onNever } = options;
  const matches = compile(node, {
    mappings,
    given: Object.keys(options.fields ?? {}),
    leaves,
    clock,
    defaultFields,
    onNever,
    path: "",
  });
  const shared: typeof matches = leaves.areShared ? (document) => leaves.shareFor(document, matches) : matches;
  if (!clock.isUsed) return shared;
  options.onNow?.();
  return atTime(shared, clock);
};

const atTime =
  (matches: (document: Data) => boolean, clock: Clock): KqlPredicate =>
  (document, now) => {
    if (now === undefined) throw new TypeError('The query compares with "now", so the predicate needs the time.');
    clock.now = now;
    return matches(document);
  };

/** What the parts of a query share. */
interface Compiling {
  readonly mappings: MappingOf;
  /** The fields whose types are given. */
  readonly given: readonly string[];
  readonly leaves: Leaves;
  readonly clock: Clock;
  readonly defaultFields: readonly string[];
  readonly onNever: KqlOptions["onNever"];
  /** The path of the nested objects that the fields are in, with a dot at its end; empty for the document. */
  readonly path: string;
}

const compile = (node: KqlNode, compiling: Compiling): ((document: Data) => boolean) => {
  switch (node.type) {
    case "and":
      return every(node.nodes.map((child) => compile(child, compiling)));
    case "or":
      return some(alternatives(node.nodes).flatMap((each) => compileAlternatives(each, compiling)));
    case "not": {
      const inner = compile(node.node, compiling);
      return (document) => !inner(document);
    }
    case "nested":
      return compileNested(node, compiling);
    default:
      return compileTest(node, compiling);
  }
};

/** Alternatives, of which many patterns for one field are tested in one pass over its values. */
const compileAlternatives = ({ nodes, field, several }: Alternatives, compiling: Compiling) => {
  const path = `${compiling.path}${field}`;
  const mapping = several && !pathProblem(path) ? compiling.mappings(path) : undefined;
  const test = several && mapping && comparisonOf(mapping).patterns?.(several);
  if (!test || mapping.type === "flattened" || nestedAround(path, compiling) !== undefined)
    return nodes.map((node) => compile(node, compiling));
  const { some: someValue } = fieldAt(field, mapping);
  return [(document: Data) => someValue(document, test)];
};

/** True if the query inside is true for one of the objects at the path. */
const compileNested = (node: Extract<KqlNode, { readonly type: "nested" }>, compiling: Compiling) => {
  const name = literalText(node.path);
  if (name === undefined || node.path.type === "wildcard")
    throw new KqlError(
      `"${written(node.path)}" is not the path of nested objects.`,
      "Write the path without stars.",
      offsetOf(node.path),
    );
  const path = `${compiling.path}${name}`;
  checkPath(node.path, path);
  const type = compiling.mappings(path)?.type;
  if (type !== undefined && !holdsObjects.has(type))
    throw new KqlError(
      `The field "${path}" has the type "${type}", and no nested objects.`,
      "Name the whole path of each field, without braces.",
      offsetOf(node.path),
    );
  const inner = compile(node.node, { ...compiling, leaves: new Leaves(), path: `${path}.` });
  return (document: Data) => someAt(document, name, 0, (value) => isObject(value) && inner(value));
};

const holdsObjects: ReadonlySet<string> = new Set(["nested", "object", "by_value"]);

const compileTest = (node: Tested, compiling: Compiling): ((document: Data) => boolean) => {
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
  if (name === undefined) return compileFreeText(node, compiling);
  const path = `${compiling.path}${name}`;
  checkPath(field, path);
  const mapping = compiling.mappings(path);
  if (mapping === undefined) return isExistence(node) ? compileAnyBelow(name, compiling) : () => false;
  const outer = nestedAround(path, compiling);
  const test = outer === undefined ? testOf(node, path, mapping, compiling.clock) : outsideOf(outer, path);
  const why = whyNever(test);
  if (why) compiling.onNever?.({ ...why, field: path, offset: offsetOf(value) });
  const { some } = fieldAt(name, mapping);
  if (mapping.type === "flattened") return (document) => someWithin(document, name, 0, test);
  if (isExistence(node) && objects.has(mapping.type))
    return (document) => some(document, test) || someWithin(document, name, 0, () => true);
  return (document) => some(document, test);
};

/** An object without a mapping of its own exists if one of the fields below it does. */
const compileAnyBelow = (name: string, { given, mappings, path }: Compiling) =>
  some(
    given
      .filter((field) => field.startsWith(`${path}${name}.`))
      .map((field) => {
        const { exists } = comparisonOf(mappings(field)!);
        const { some: someValue } = compilePath(field.slice(path.length));
        return (document: Data) => someValue(document, exists);
      }),
  );

/** Types of which a value may be an object: it exists if there is a value in it. */
const objects: ReadonlySet<string> = new Set(["by_value", "object", "geo_point", "geo_shape"]);

/** The nested objects that a field is in, if the query does not say so. */
const nestedAround = (path: string, { mappings, path: inside }: Compiling): string | undefined =>
  [path, ...parentsOf(path)].find((parent) => parent.length >= inside.length && mappings(parent)?.type === "nested");

const outsideOf = (outer: string, path: string): ValueTest =>
  never(
    path === outer ? "it holds nested objects" : `it is a field of the nested objects in "${outer}"`,
    `Write ${outer}:{ ${path === outer ? "field" : path.slice(outer.length + 1)}:value }.`,
  );

const checkPath = (field: KqlLiteral, name: string): void => {
  const problem = pathProblem(name);
  if (problem) throw new KqlError(`${problem.message}.`, "Name a shorter path.", offsetOf(field));
};

/** A text without a field is searched in each default field; it need not fit their types. */
const compileFreeText = (node: Tested, { mappings, defaultFields, clock, path }: Compiling) => {
  if (defaultFields.length === 0 || path !== "" || node.value.type === "null")
    throw new KqlError(
      `"${written(node.value)}" names no field, and weir does not search all fields.`,
      "Write field:value.",
      offsetOf(node.value),
    );
  return some(
    defaultFields.map((field) => {
      const mapping = mappings(field);
      const test = mapping ? testOrNever(node, mapping, clock) : () => false;
      const { some: someValue } = mapping ? fieldAt(field, mapping) : compilePath(field);
      return (document: Data) => someValue(document, test);
    }),
  );
};

/** A pattern of names tests each matching field by its own type; a literal that does not fit the type does not match. */
const compileAnyField = (node: Tested, parts: readonly string[], compiling: Compiling) => {
  const { mappings, leaves, clock, path: prefix } = compiling;
  const isNamed = compileGlob(parts);
  const tests = new Map<Mapping, ValueTest>();
  const testFor = (mapping: Mapping) => {
    const test = tests.get(mapping) ?? testOrNever(node, mapping, clock);
    tests.set(mapping, test);
    return test;
  };
  leaves.use();
  return (document: Data) =>
    leaves.some(document, (path, value) => {
      const mapping = isNamed(path) ? mappings(`${prefix}${path}`) : undefined;
      return mapping !== undefined && testFor(mapping)(value);
    });
};
