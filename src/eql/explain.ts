import { compilePath } from "../fields/path.ts";
import type { Data } from "../json.ts";
import type { QueryClause } from "../query-clause.ts";
import { type EqlOptions, eqlAccess } from "./compile.ts";
import { compileCondition } from "./condition.ts";
import { EqlError } from "./error.ts";
import { compileValue, constantOf } from "./evaluate.ts";
import type { AccessOf } from "./fields.ts";
import { formatEql, formatExpression, itemText } from "./format.ts";
import { compileKeys } from "./keys.ts";
import { type EqlExpression, type EqlFilter, type EqlItem, type EqlQuery, fieldsIn } from "./node.ts";
import { parseEql } from "./parse.ts";
import { combinationsOf, valuesOf } from "./rows.ts";
import type { Value } from "./value.ts";

interface Explaining {
  readonly data: Data;
  readonly access: AccessOf;
  readonly category: string;
}

/**
 * Says of each clause of a query whether an event matches it. Of a sequence or a sample: which of its events it is. At most
 * ten values of anything are given.
 */
export const explainEql = (query: string, data: Data, options: EqlOptions = {}): QueryClause => {
  const tree = parseEql(query, options.limits);
  const explaining = { data, access: eqlAccess(options), category: options.category ?? "event.category" };
  const text = formatEql(tree);
  if (tree.type === "event") return { ...filterClause(tree.filter, explaining), text };
  const parts = eventsOf(tree).map((event) => eventClause(event, tree.by, explaining));
  // All events of the query are judged: one without a verdict leaves the query without one.
  const failure = parts.find((part) => part.failure !== undefined)?.failure;
  if (failure !== undefined) return { kind: "events", text, matches: false, parts, failure };
  return { kind: "events", text, matches: parts.some(({ matches }) => matches), parts };
};

interface Placed {
  readonly item: EqlItem;
  readonly place: string;
}

const eventsOf = (tree: Exclude<EqlQuery, { readonly type: "event" }>): readonly Placed[] => {
  if (tree.type === "sample")
    return tree.items.map((item, index) => ({ item, place: `part ${index + 1} of ${tree.items.length}` }));
  const count = tree.items.reduce((sum, { runs }) => sum + runs, 0);
  let next = 1;
  const events = tree.items.map((item): Placed => {
    const first = next;
    next += item.runs;
    const which = item.runs === 1 ? `step ${first}` : `steps ${first} to ${next - 1}`;
    return { item, place: `${which} of ${count}${item.missing ? ", which must be missing" : ""}` };
  });
  return tree.until ? [...events, { item: tree.until, place: "until" }] : events;
};

const eventClause = ({ item, place }: Placed, by: EqlItem["by"], explaining: Explaining): QueryClause => {
  const { data, access } = explaining;
  const inner = filterClause(item.filter, explaining);
  const fields = [...by, ...item.by];
  const keys = fields.map((field) => ({
    field: field.name,
    values: valuesOf(access(field), data)
      .filter((value) => field.optional || value !== null)
      .slice(0, mostValues)
      .map(shown),
  }));
  const clause = {
    kind: "event",
    text: itemText(item),
    matches: inner.matches && keys.every(({ values }) => values.length > 0),
    parts: inner.kind === "and" ? inner.parts : [inner],
    place,
    keys,
  } as const;
  const failure = inner.failure ?? (clause.matches ? failureOf(() => compileKeys(fields, access)(data)) : undefined);
  return failure === undefined ? clause : { ...clause, matches: false, failure };
};

const failureOf = (decide: () => unknown): string | undefined => {
  try {
    decide();
    return undefined;
  } catch (error) {
    if (error instanceof EqlError) return error.message;
    throw error;
  }
};

const filterClause = ({ category, condition }: EqlFilter, explaining: Explaining): QueryClause => {
  if (category === undefined) return clauseOf(condition, explaining);
  const node: EqlExpression = {
    type: "comparison",
    operator: "==",
    left: { type: "field", name: explaining.category, optional: true },
    right: { type: "string", value: category },
  };
  const inner = clauseOf(condition, explaining);
  const rest = inner.kind === "and" ? inner.parts : [inner];
  return joined("and", "", [testOf(node, explaining, isCategory(category, explaining)), ...rest]);
};

/** The category is compared as it is written, whatever the type of its field. */
const isCategory = (category: string, { data, access, category: name }: Explaining): boolean =>
  valuesOf(access({ type: "field", name, optional: true }), data).includes(category);

const clauseOf = (node: EqlExpression, explaining: Explaining): QueryClause => {
  const text = formatExpression(node);
  if (node.type === "and" || node.type === "or")
    return joined(
      node.type,
      text,
      node.nodes.map((child) => clauseOf(child, explaining)),
    );
  if (node.type !== "not") return testOf(node, explaining);
  const inner = clauseOf(node.node, explaining);
  const { failure } = inner;
  if (failure !== undefined) return { kind: "not", text, matches: false, parts: [inner], failure };
  return { kind: "not", text, matches: !inner.matches, parts: [inner] };
};

/** The first part that settles the verdict counts: one without a verdict settles it, too. */
const joined = (kind: "and" | "or", text: string, parts: readonly QueryClause[]): QueryClause => {
  const decides = parts.find(({ matches, failure }) => failure !== undefined || matches === (kind === "or"));
  const failure = decides?.failure;
  if (failure !== undefined) return { kind, text, matches: false, parts, failure };
  return { kind, text, matches: (decides === undefined) === (kind === "and"), parts };
};

const mostValues = 10;

/** A value as JSON has it. */
const shown = (value: Value): unknown => (typeof value === "bigint" ? Number(value) : value);

const testOf = (node: EqlExpression, { data, access }: Explaining, given?: boolean): QueryClause => {
  const text = formatExpression(node);
  let matches = given ?? false;
  const failure = failureOf(() => {
    matches = given ?? compileCondition(node, access)(data);
  });
  if (failure !== undefined)
    return { kind: "test", text, matches: false, parts: [], ...inputsOf(node, data, access), failure };
  const isUnknown = !matches && !comparesNull(node) && isNull(node, data, access);
  return {
    kind: "test",
    text,
    matches,
    parts: [],
    ...inputsOf(node, data, access),
    ...(isUnknown && { unknown: true as const }),
  };
};

const comparesNull = (node: EqlExpression): boolean =>
  node.type === "comparison" && [node.left, node.right].some((side) => constantOf(side) === null);

/** Whether an expression that is not true is null for a combination of values: then it is not false either. */
const isNull = (node: EqlExpression, data: Data, access: AccessOf): boolean => {
  const { evaluate, fields } = compileValue(node, access);
  for (const row of combinationsOf(fields, data)) if (evaluate(row) === null) return true;
  return false;
};

const inputsOf = (
  node: EqlExpression,
  data: Data,
  access: AccessOf,
): Pick<QueryClause, "values" | "inputs" | "unreadable"> => {
  const names = [...new Set(fieldsIn(node).map(({ name }) => name))];
  const computed = comparedIn(node).filter((part) => part.type !== "field" && fieldsIn(part).length > 0);
  const [name] = names;
  if (name !== undefined && names.length === 1 && computed.length === 0) {
    const values = fieldOf(name, data);
    const field = access({ type: "field", name, optional: true });
    const isUnread = values.length > 0 && field && valuesOf(field, data).every((value) => value === null);
    return { values, ...(isUnread && { unreadable: field.mapping.type }) };
  }
  return {
    inputs: [
      ...computed.map((part) => ({ text: formatExpression(part), values: resultsOf(part, data, access) })),
      ...names.map((field) => ({ text: field, values: fieldOf(field, data) })),
    ],
  };
};

/** What a test compares. */
const comparedIn = (node: EqlExpression): readonly EqlExpression[] => {
  if (node.type === "comparison") return [node.left, node.right];
  if (node.type === "in" || node.type === "match") return [node.node];
  return node.type === "call" ? node.inputs : [];
};

const fieldOf = (name: string, data: Data): readonly unknown[] => {
  const values: unknown[] = [];
  compilePath(name).some(data, (value) => values.push(value) >= mostValues);
  return values;
};

/** What an expression is for the first combinations of values. */
const resultsOf = (node: EqlExpression, data: Data, access: AccessOf): readonly unknown[] => {
  const { evaluate, fields } = compileValue(node, access);
  const results = new Set<unknown>();
  let count = 0;
  for (const row of combinationsOf(fields, data)) {
    results.add(shown(evaluate(row)));
    if (results.size >= mostValues || ++count >= mostValues * mostValues) break;
  }
  return [...results];
};
