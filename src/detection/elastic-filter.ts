import { type Data, isObject } from "../json.ts";
import { compileKql, KqlError, type KqlLiteral, type KqlNode, type KqlOperator } from "../kql/index.ts";

/** Thrown for a filter that has no counterpart. */
export class NoCounterpart extends Error {}

/**
 * The filters of a rule of Elastic as one query that all events of the rule must match; `undefined` if none is enabled. They are
 * as Kibana stores them: a query of Elasticsearch, and whether it is negated. Throws `NoCounterpart` for what weir does not have.
 */
export const filterQuery = (filters: readonly unknown[]): KqlNode | undefined => {
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
    compileKql(all(nodes));
  } catch (error) {
    throw error instanceof KqlError ? new NoCounterpart(error.summary) : error;
  }
  return all(nodes);
};

const not = (node: KqlNode): KqlNode => ({ type: "not", node });
const all = (nodes: readonly KqlNode[]): KqlNode => (nodes.length === 1 ? nodes[0]! : { type: "and", nodes });
const any = (nodes: readonly KqlNode[]): KqlNode => (nodes.length === 1 ? nodes[0]! : { type: "or", nodes });

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
const queryNode = (query: Data): KqlNode => {
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

const equals =
  (key: "query" | "value") =>
  (content: Data): KqlNode => {
    const [name, said] = single(content);
    return { type: "is", field: field(name), value: literal(isObject(said) ? said[key] : said) };
  };

const operators: Readonly<Record<string, KqlOperator>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" };

const list = (value: unknown): readonly KqlNode[] =>
  (value === undefined ? [] : [value].flat()).map((each) => {
    if (!isObject(each)) throw new NoCounterpart("a filter has a list of something else than queries");
    return queryNode(each);
  });

const kinds: Readonly<Record<string, (content: Data) => KqlNode>> = {
  match_phrase: equals("query"),
  term: equals("value"),
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
