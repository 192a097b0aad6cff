/** A field by its dotted path. `optional` is `?field`, which need not exist in any event. */
export interface EqlField {
  readonly type: "field";
  readonly name: string;
  readonly optional: boolean;
}

export type EqlComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type EqlArithmeticOperator = "+" | "-" | "*" | "/" | "%";
export type EqlMatchOperator = ":" | "like" | "like~" | "regex" | "regex~";

/** A value, a field, or what is computed from them. */
export type EqlExpression =
  | EqlField
  | { readonly type: "null" }
  | { readonly type: "boolean"; readonly value: boolean }
  /** An integer is a bigint, and a number with a fraction or an exponent a number: `5 / 2` is 2, and `5 / 2.0` is 2.5. */
  | { readonly type: "number"; readonly value: bigint | number }
  | { readonly type: "string"; readonly value: string }
  /** `insensitive` is the `~` after the name. */
  | {
      readonly type: "call";
      readonly name: string;
      readonly insensitive: boolean;
      readonly inputs: readonly EqlExpression[];
    }
  | { readonly type: "and" | "or"; readonly nodes: readonly EqlExpression[] }
  | { readonly type: "not"; readonly node: EqlExpression }
  | {
      readonly type: "comparison";
      readonly operator: EqlComparisonOperator;
      readonly left: EqlExpression;
      readonly right: EqlExpression;
    }
  /** One of several values; `insensitive` is `in~`. */
  | {
      readonly type: "in";
      readonly negated: boolean;
      readonly insensitive: boolean;
      readonly node: EqlExpression;
      readonly values: readonly EqlExpression[];
    }
  /** One of several patterns. */
  | {
      readonly type: "match";
      readonly operator: EqlMatchOperator;
      readonly node: EqlExpression;
      readonly patterns: readonly string[];
    }
  | {
      readonly type: "arithmetic";
      readonly operator: EqlArithmeticOperator;
      readonly left: EqlExpression;
      readonly right: EqlExpression;
    }
  | { readonly type: "negative"; readonly node: EqlExpression };

/** `process where …`; without a category, `any where …`. */
export interface EqlFilter {
  readonly category: string | undefined;
  readonly condition: EqlExpression;
}

/** An event of a sample: `[any where …] by a, b`. */
export interface EqlItem {
  readonly filter: EqlFilter;
  readonly by: readonly EqlField[];
}

/** An event of a sequence. `missing` is `![…]`; `runs` is how often it repeats, usually 1. */
export interface EqlSequenceItem extends EqlItem {
  readonly missing: boolean;
  readonly runs: number;
}

export interface EqlPipe {
  readonly name: "head" | "tail";
  readonly count: number;
}

/** An EQL query as a tree. */
export type EqlQuery =
  | { readonly type: "event"; readonly filter: EqlFilter; readonly pipes: readonly EqlPipe[] }
  | {
      readonly type: "sequence";
      readonly by: readonly EqlField[];
      /** In milliseconds. */
      readonly maxspan: number | undefined;
      readonly items: readonly EqlSequenceItem[];
      readonly until: EqlItem | undefined;
      readonly pipes: readonly EqlPipe[];
    }
  | { readonly type: "sample"; readonly by: readonly EqlField[]; readonly items: readonly EqlItem[] };

export type EqlSequence = Extract<EqlQuery, { readonly type: "sequence" }>;
export type EqlSample = Extract<EqlQuery, { readonly type: "sample" }>;

/** The parts of an expression, in the order of the text. */
export const partsOf = (node: EqlExpression): readonly EqlExpression[] => {
  switch (node.type) {
    case "and":
    case "or":
      return node.nodes;
    case "not":
    case "negative":
    case "match":
      return [node.node];
    case "in":
      return [node.node, ...node.values];
    case "comparison":
    case "arithmetic":
      return [node.left, node.right];
    case "call":
      return node.inputs;
    default:
      return [];
  }
};

/** The fields of an expression, in the order of the text, with repeats. */
export const fieldsIn = (node: EqlExpression): readonly EqlField[] =>
  node.type === "field" ? [node] : partsOf(node).flatMap(fieldsIn);

/** The names of all fields of a query, each once. */
export const eqlFields = (query: EqlQuery): readonly string[] => [
  ...new Set(
    (query.type === "event"
      ? fieldsIn(query.filter.condition)
      : [
          ...query.by,
          ...[...query.items, ...(query.type === "sequence" && query.until ? [query.until] : [])].flatMap((item) => [
            ...fieldsIn(item.filter.condition),
            ...item.by,
          ]),
        ]
    ).map(({ name }) => name),
  ),
];
