import type { FieldType } from "../fields/types.ts";
import { allOf, always, anyOf, type Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import { guardOfKql } from "../kql/guard.ts";
import { compileKql, type KqlNode } from "../kql/index.ts";
import { fitsWildcard } from "./exceptions/wildcard.ts";

/** What else an event of a rule must match: conditions of KQL, and patterns that KQL does not have. */
export type FilterNode =
  | { readonly type: "and" | "or"; readonly nodes: readonly FilterNode[] }
  | { readonly type: "not"; readonly node: FilterNode }
  | WildcardNode
  | Extract<KqlNode, { readonly type: "is" | "range" }>;

/** True if a value of the field fits the pattern as a whole, as in Elasticsearch's `wildcard` query. */
interface WildcardNode {
  readonly type: "wildcard";
  readonly field: string;
  readonly pattern: string;
  readonly ignoreCase: boolean;
}

type Types = Readonly<Record<string, FieldType>>;
type Test = (data: Data, now: number) => boolean;

/** Compiles a filter; `now` is when the event was ingested. Throws a `KqlError` for a value that does not fit its field. */
export const compileFilter = (node: FilterNode, fields?: Types): Test => {
  switch (node.type) {
    case "and":
    case "or": {
      const tests = node.nodes.map((each) => compileFilter(each, fields));
      return node.type === "and"
        ? (data, now) => tests.every((test) => test(data, now))
        : (data, now) => tests.some((test) => test(data, now));
    }
    case "not": {
      const inner = compileFilter(node.node, fields);
      return (data, now) => !inner(data, now);
    }
    case "wildcard":
      return fitsWildcard(node.field, node.pattern, { ignoreCase: node.ignoreCase });
    default:
      return compileKql(node, optionsOf(fields));
  }
};

export const optionsOf = (fields: Types | undefined) => ({ fields, unlisted: "by_value" }) as const;

/** What must hold for an event so that a filter can be true. */
export const filterGuard = (node: FilterNode, fields?: Types): Guard => {
  switch (node.type) {
    case "and":
      return allOf(node.nodes.map((each) => filterGuard(each, fields)));
    case "or":
      return anyOf(node.nodes.map((each) => filterGuard(each, fields)));
    case "not":
    case "wildcard":
      return always;
    default:
      return guardOfKql(node, optionsOf(fields));
  }
};
