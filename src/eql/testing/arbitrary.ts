import fc from "fast-check";
import type { EqlExpression, EqlField, EqlFilter, EqlItem, EqlPipe, EqlQuery, EqlSequenceItem } from "../node.ts";
import { functionNames } from "../signatures.ts";

/** A record of parts, each of which fits. */
const tree = <Tree>(parts: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(parts) as fc.Arbitrary<unknown> as fc.Arbitrary<Tree>;

const name = fc.oneof(
  fc.constantFrom("process", "name", "and", "sequence", "@timestamp", "my-field", "a b", "6x", "`", "x_y"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }),
);

const field: fc.Arbitrary<EqlField> = fc.record({
  type: fc.constant("field"),
  name: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join(".")),
  optional: fc.boolean(),
});

const text = fc.oneof(
  fc.constantFrom("", "*", 'a"b', "\\", "\n\t", "\u200f", '"""'),
  fc.string({ unit: "binary", maxLength: 8 }),
);

const number: fc.Arbitrary<EqlExpression> = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer({ min: -20, max: 20 }).map(BigInt),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  .map((value) => ({ type: "number", value }));

const value: fc.Arbitrary<EqlExpression> = fc.oneof(
  field,
  number,
  text.map((one): EqlExpression => ({ type: "string", value: one })),
  fc.boolean().map((one): EqlExpression => ({ type: "boolean", value: one })),
  fc.constant<EqlExpression>({ type: "null" }),
);

/** Any expression, whether its types fit or not. */
const expression: fc.Arbitrary<EqlExpression> = fc.letrec<{ node: EqlExpression }>((tie) => {
  const node = tie("node");
  const several = fc.array(node, { minLength: 2, maxLength: 3 });
  const some = fc.array(node, { minLength: 1, maxLength: 3 });
  return {
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      value,
      tree<EqlExpression>({ type: fc.constantFrom("and", "or"), nodes: several }),
      tree<EqlExpression>({ type: fc.constantFrom("not", "negative"), node }),
      tree<EqlExpression>({
        type: fc.constant("comparison"),
        operator: fc.constantFrom("==", "!=", "<", "<=", ">", ">="),
        left: node,
        right: node,
      }),
      tree<EqlExpression>({
        type: fc.constant("arithmetic"),
        operator: fc.constantFrom("+", "-", "*", "/", "%"),
        left: node,
        right: node,
      }),
      tree<EqlExpression>({
        type: fc.constant("in"),
        negated: fc.boolean(),
        insensitive: fc.boolean(),
        node,
        values: some,
      }),
      tree<EqlExpression>({
        type: fc.constant("match"),
        operator: fc.constantFrom(":", "like", "like~", "regex", "regex~"),
        node,
        patterns: fc.array(text, { minLength: 1, maxLength: 3 }),
      }),
      tree<EqlExpression>({
        type: fc.constant("call"),
        name: fc.constantFrom(...functionNames, "unknown"),
        insensitive: fc.boolean(),
        inputs: fc.array(node, { maxLength: 3 }),
      }),
    ),
  };
}).node;

const filter: fc.Arbitrary<EqlFilter> = fc.record({
  category: fc.option(fc.oneof(fc.constantFrom("process", "any", "my-category", "6"), text), { nil: undefined }),
  condition: expression,
});

const pipes: fc.Arbitrary<EqlPipe[]> = fc.array(
  fc.record<EqlPipe>({ name: fc.constantFrom("head", "tail"), count: fc.nat() }),
  { maxLength: 2 },
);

const by = fc.array(field, { maxLength: 2 });

/** Items with as many fields of their own. */
const items = (least: number, most: number): fc.Arbitrary<EqlItem[]> =>
  fc
    .tuple(
      fc.nat({ max: 2 }),
      fc.array(fc.tuple(filter, fc.tuple(field, field)), { minLength: least, maxLength: most }),
    )
    .map(([count, all]) => all.map(([one, fields]) => ({ filter: one, by: fields.slice(0, count) })));

const sequence: fc.Arbitrary<EqlQuery> = fc
  .record({
    by,
    maxspan: fc.integer({ min: 1, max: 10_000_000_000 }),
    items: items(3, 5),
    missing: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
    runs: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 5, maxLength: 5 }),
    hasUntil: fc.boolean(),
    pipes,
  })
  .map(({ by, maxspan, items, missing, runs, hasUntil, pipes }) => {
    const all = items
      .slice(1)
      .map((item, index): EqlSequenceItem => ({ ...item, missing: index > 0 && missing[index]!, runs: runs[index]! }));
    return { type: "sequence", by, maxspan, items: all, until: hasUntil ? items[0] : undefined, pipes };
  });

const sample: fc.Arbitrary<EqlQuery> = fc
  .record({ by: fc.array(field, { minLength: 1, maxLength: 2 }), items: items(2, 5) })
  .map((parts) => ({ type: "sample", ...parts }));

/** Any query, whether its types fit or not. */
export const query: fc.Arbitrary<EqlQuery> = fc.oneof(
  tree<EqlQuery>({ type: fc.constant("event"), filter, pipes }),
  sequence,
  sample,
);
