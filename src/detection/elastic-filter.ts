import { type Data, isObject } from "../json.ts";
import { KqlError, type KqlLiteral, type KqlOperator } from "../kql/index.ts";
import { wildcardOf } from "./exceptions/wildcard.ts";
import { compileFilter, type FilterNode } from "./filter-query.ts";

/** Thrown for a filter that has no counterpart. */
export class NoCounterpart extends Error {}

/**
 * The filters of a rule of Elastic as one query that all events of the rule must match; `undefined` if none is enabled. They are
 * as Kibana stores them: a query of Elasticsearch, and whether it is negated. Throws `NoCounterpart` for what weir does not have.
 */
export const filterQuery = (filters: readonly unknown[]): FilterNode | undefined => {
  const nodes = filters.flatMap((filter) => {
    if (!isObject(filter)) throw new NoCounterpart("a filter is not a table");
    const { meta = {}, $state: _, ...rest } = filter;
    const about = isObject(meta) ? meta : {};
    if (about["disabled"] === true) return [];
    const node = queryNode(isObject(rest["query"]) ? rest["query"] : rest);
    return [about["negate"] === true ? not(node) : node];
  });
  if (nodes.length === 0) return undefined;
  try {
    compileFilter(all(nodes));
  } catch (error) {
    throw error instanceof KqlError ? new NoCounterpart(error.summary) : error;
  }
  return all(nodes);
};

const not = (node: FilterNode): FilterNode => ({ type: "not", node });
const all = (nodes: readonly FilterNode[]): FilterNode => (nodes.length === 1 ? nodes[0]! : { type: "and", nodes });
const any = (nodes: readonly FilterNode[]): FilterNode => (nodes.length === 1 ? nodes[0]! : { type: "or", nodes });

const literal = (value: unknown): KqlLiteral => {
  if (typeof value === "boolean") return { type: "boolean", value };
  if (typeof value === "string" || typeof value === "number") return { type: "quoted", value: String(value) };
  throw new NoCounterpart("a filter compares with something else than a text, a number, true or false");
};

const field = (name: unknown): KqlLiteral => {
  if (typeof name !== "string" || name === "") throw new NoCounterpart("a filter names no field");
  return { type: "quoted", value: name };
};

const anything: KqlLiteral = { type: "wildcard", parts: ["", ""] };

/** One kind of query, with its content. */
const queryNode = (query: Data): FilterNode => {
  const entries = Object.entries(query);
  const [kind = "", content] = entries[0] ?? [];
  if (entries.length !== 1 || !isObject(content) || !Object.hasOwn(kinds, kind))
    throw new NoCounterpart(`a filter has a query of the kind "${kind}"`);
  return kinds[kind]!(content);
};

/** The field of a query about one, and what is said of it. */
const single = (content: Data): readonly [string, unknown] => {
  const entries = Object.entries(content).filter(([name]) => name !== "boost");
  if (entries.length !== 1) throw new NoCounterpart("a filter is about several fields");
  return entries[0]!;
};

/** A query that compares a field with one value, which is written alone or as one of several members. */
const compared =
  (key: "query" | "value", more: readonly string[], make: (name: string, value: unknown, said: Data) => FilterNode) =>
  (content: Data): FilterNode => {
    const [name, said] = single(content);
    if (!isObject(said)) return make(name, said, {});
    const unknown = Object.keys(said).find((each) => ![key, "boost", ...more].includes(each));
    if (unknown !== undefined) throw new NoCounterpart(`a filter has "${unknown}"`);
    return make(name, said[key], said);
  };

const is = (name: string, value: KqlLiteral): FilterNode => ({ type: "is", field: field(name), value });

/** A pattern. Letter case counts unless the query says otherwise. */
const pattern = (name: string, text: string, { case_insensitive }: Data): FilterNode => ({
  type: "wildcard",
  field: name,
  pattern: text,
  ignoreCase: case_insensitive === true,
});

const text = (value: unknown): string => {
  if (typeof value === "string") return value;
  throw new NoCounterpart("a filter has a pattern that is not a text");
};

const operators: Readonly<Record<string, KqlOperator>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" };

const list = (value: unknown): readonly FilterNode[] =>
  (value === undefined ? [] : [value].flat()).map((each) => {
    if (!isObject(each)) throw new NoCounterpart("a filter has a list of something else than queries");
    return queryNode(each);
  });

const kinds: Readonly<Record<string, (content: Data) => FilterNode>> = {
  match_phrase: compared("query", [], (name, value) => is(name, literal(value))),
  match: compared("query", ["type"], (name, value, { type }) => {
    const wanted = literal(value);
    return is(name, wanted.type === "quoted" && type !== "phrase" ? { ...wanted, type: "unquoted" } : wanted);
  }),
  term: compared("value", ["case_insensitive"], (name, value, said) =>
    said["case_insensitive"] === true ? pattern(name, wildcardOf(text(value)), said) : is(name, literal(value)),
  ),
  wildcard: (content) => {
    const [name, said] = single(content);
    // Elasticsearch has two names for the pattern.
    const renamed =
      isObject(said) && "wildcard" in said ? { ...said, value: said["wildcard"], wildcard: undefined } : said;
    return compared("value", ["case_insensitive", "wildcard", "rewrite"], (field, value, more) =>
      pattern(field, text(value), more),
    )({ [name]: renamed });
  },
  prefix: compared("value", ["case_insensitive", "rewrite"], (name, value, said) =>
    pattern(name, `${wildcardOf(text(value))}*`, said),
  ),
  terms: (content) => {
    const [name, values] = single(content);
    if (!Array.isArray(values) || values.length === 0) throw new NoCounterpart("a filter has no list of values");
    return any(values.map((value) => ({ type: "is", field: field(name), value: literal(value) })));
  },
  exists: (content) => ({ type: "is", field: field(content["field"]), value: anything }),
  range: (content) => {
    const [name, said] = single(content);
    const limits = isObject(said) ? Object.entries(said) : [];
    if (limits.length === 0 || limits.some(([operator]) => !Object.hasOwn(operators, operator)))
      throw new NoCounterpart("a filter has a range of another form than gt, gte, lt and lte");
    return all(
      limits.map(([operator, value]) => ({
        type: "range",
        field: field(name),
        operator: operators[operator]!,
        value: literal(value),
      })),
    );
  },
  bool: ({ must, filter, must_not, should, minimum_should_match: least = 1, ...more }) => {
    if (Object.keys(more).length > 0 || Number(least) !== 1)
      throw new NoCounterpart("a filter combines others in a way that weir does not have");
    const wanted = [...list(must), ...list(filter), ...list(must_not).map(not)];
    const choices = list(should);
    const nodes = choices.length > 0 ? [...wanted, any(choices)] : wanted;
    if (nodes.length === 0) throw new NoCounterpart("a filter is empty");
    return all(nodes);
  },
};
