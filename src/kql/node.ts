/** A value or a field name as it was written. */
export type KqlLiteral =
  | { readonly type: "unquoted"; readonly value: string }
  | { readonly type: "quoted"; readonly value: string }
  /** The texts before, between and after the stars: `a*b` is `["a", "b"]`, `*` is `["", ""]`. */
  | { readonly type: "wildcard"; readonly parts: readonly string[] }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "null" };

export type KqlOperator = "<" | "<=" | ">" | ">=";

/** A KQL query as a tree. A list of values, `f:(a or b)`, is already one `is` for each value. */
export type KqlNode =
  | { readonly type: "and"; readonly nodes: readonly KqlNode[] }
  | { readonly type: "or"; readonly nodes: readonly KqlNode[] }
  | { readonly type: "not"; readonly node: KqlNode }
  | { readonly type: "nested"; readonly path: KqlLiteral; readonly node: KqlNode }
  /** A field of type `null` means free text: no field is named. */
  | { readonly type: "is"; readonly field: KqlLiteral; readonly value: KqlLiteral }
  | { readonly type: "range"; readonly field: KqlLiteral; readonly operator: KqlOperator; readonly value: KqlLiteral };

/** What the empty query means: `*:*`. */
export const everything: KqlNode = {
  type: "is",
  field: { type: "wildcard", parts: ["", ""] },
  value: { type: "wildcard", parts: ["", ""] },
};

/** `*` and nothing else; `**` is a pattern. */
export const isStar = (literal: KqlLiteral): boolean =>
  literal.type === "wildcard" && literal.parts.length === 2 && literal.parts.every((part) => part === "");

/** A literal's text, its wildcards as `*`; `undefined` for null. */
export const literalText = (literal: KqlLiteral): string | undefined => {
  if (literal.type === "null") return undefined;
  return literal.type === "wildcard" ? literal.parts.join("*") : String(literal.value);
};

/** The fields that a query names, without repeats, in order; a pattern such as `user.*` as it is written. */
export const kqlFields = (node: KqlNode): readonly string[] => [...new Set(fieldsOf(node, ""))];

const fieldsOf = (node: KqlNode, prefix: string): readonly string[] => {
  switch (node.type) {
    case "and":
    case "or":
      return node.nodes.flatMap((child) => fieldsOf(child, prefix));
    case "not":
      return fieldsOf(node.node, prefix);
    case "nested":
      return fieldsOf(node.node, `${prefix}${literalText(node.path) ?? ""}.`);
    default: {
      const name = literalText(node.field);
      return name === undefined ? [] : [`${prefix}${name}`];
    }
  }
};

/** How many conditions a query has: comparisons of a field with one value. */
export const kqlConditions = (node: KqlNode): number => {
  if ("nodes" in node) return node.nodes.reduce((count, child) => count + kqlConditions(child), 0);
  return "node" in node ? kqlConditions(node.node) : 1;
};
