import { fieldAt, mappingOf } from "../fields/mapping.ts";
import type { Data } from "../json.ts";
import type { QueryClause } from "../query-clause.ts";
import { compileKql } from "./compile.ts";
import { formatKql, formatLiteral } from "./format.ts";
import { type KqlLiteral, type KqlNode, literalText } from "./node.ts";
import type { KqlOptions } from "./options.ts";
import { parseKql } from "./parse.ts";

/**
 * Says of each clause of a query whether a document matches it. A test of one field with several values is one clause.
 * `now` is what the query means by it, in milliseconds since 1970.
 */
export const explainKql = (
  query: string | KqlNode,
  document: Data,
  now: number,
  options: KqlOptions = {},
): QueryClause => clauseOf(typeof query === "string" ? parseKql(query) : query, { document, now, options });

interface Explaining {
  readonly document: Data;
  readonly now: number;
  readonly options: KqlOptions;
}

const holds = (node: KqlNode, { document, now, options }: Explaining): boolean =>
  compileKql(node, options)(document, now);

const clauseOf = (node: KqlNode, explaining: Explaining): QueryClause => {
  const text = formatKql(node);
  if (node.type === "or") {
    const field = commonField(node.nodes);
    if (field) return testOf(node.nodes, field, explaining);
  }
  if (node.type === "and" || node.type === "or") {
    const parts = flat(node).map((part) => clauseOf(part, explaining));
    return { kind: node.type, text, matches: node.type === "and" ? parts.every(isTrue) : parts.some(isTrue), parts };
  }
  if (node.type === "not") {
    const inner = clauseOf(node.node, explaining);
    return { kind: "not", text, matches: !inner.matches, parts: [inner] };
  }
  if (node.type === "nested") return { kind: "test", text, matches: holds(node, explaining), parts: [] };
  return testOf([node], node.field, explaining);
};

/** The nodes of a conjunction of conjunctions, or of a disjunction of disjunctions. */
const flat = (node: Extract<KqlNode, { readonly type: "and" | "or" }>): readonly KqlNode[] =>
  node.nodes.flatMap((child) =>
    child.type === node.type && !(child.type === "or" && commonField(child.nodes)) ? flat(child) : [child],
  );

/** The field that all of these compare with a value; `undefined` if they are something else. */
const commonField = (nodes: readonly KqlNode[]): KqlLiteral | undefined => {
  const [first] = nodes;
  if (first?.type !== "is") return undefined;
  const name = formatLiteral(first.field);
  return nodes.every((node) => node.type === "is" && formatLiteral(node.field) === name) ? first.field : undefined;
};

const isTrue = ({ matches }: QueryClause): boolean => matches;

const testOf = (nodes: readonly KqlNode[], field: KqlLiteral, explaining: Explaining): QueryClause => {
  const matching = nodes.filter((node) => holds(node, explaining));
  const [first] = nodes;
  const isOne = nodes.length === 1;
  return {
    kind: "test",
    text: isOne ? formatKql(first!) : listText(field, nodes),
    matches: matching.length > 0,
    parts: [],
    ...valuesOf(field, explaining),
    ...(!isOne && matching.length > 0 && { matched: matching.map(valueText) }),
  };
};

/** A text without a field is searched in the default fields. */
const listText = (field: KqlLiteral, nodes: readonly KqlNode[]): string => {
  const values = nodes.map(valueText).join(" or ");
  return field.type === "null" ? values : `${formatLiteral(field)}:(${values})`;
};

const valueText = (node: KqlNode): string => ("value" in node ? formatLiteral(node.value) : formatKql(node));

const mostValues = 10;

const valuesOf = (field: KqlLiteral, { document, options }: Explaining): Pick<QueryClause, "values"> => {
  const name = field.type === "wildcard" ? undefined : literalText(field);
  const names = field.type === "null" ? (options.defaultFields ?? []) : name === undefined ? [] : [name];
  if (names.length === 0) return {};
  const values: unknown[] = [];
  for (const each of names) fieldAt(each, mappingOf(each)).some(document, (value) => values.push(value) >= mostValues);
  return { values };
};
