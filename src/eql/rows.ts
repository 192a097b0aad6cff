import type { Data } from "../json.ts";
import type { Evaluation } from "./evaluate.ts";
import { errorAt, type FieldAccess } from "./fields.ts";
import type { EqlExpression } from "./node.ts";
import type { Value } from "./value.ts";

/** How many combinations of the values of several fields are looked at in one event. */
const mostCombinations = 10_000;

/**
 * A condition that is true if `test` is, of the expression, for one combination of the values of its fields. A field
 * without a value is null. Throws an `EqlError` for an event with too many combinations.
 */
export const rowsOf = (
  node: EqlExpression,
  { evaluate, fields }: Evaluation,
  test: (value: Value) => boolean,
): ((data: Data) => boolean) => {
  if (fields.every((access) => access === undefined)) {
    const constant = test(evaluate(fields.map(() => null)));
    return () => constant;
  }
  return fields.length === 1 ? oneField(fields[0]!, evaluate, test) : severalFields(node, { evaluate, fields }, test);
};

const oneField = (
  { field, read }: FieldAccess,
  evaluate: Evaluation["evaluate"],
  test: (value: Value) => boolean,
): ((data: Data) => boolean) => {
  const row: [Value] = [null];
  let hasValue = false;
  const holds = test(evaluate([null]));
  const visit: Parameters<typeof field.some>[1] = (scalar) => {
    const value = read(scalar);
    if (value === undefined) return false;
    hasValue = true;
    row[0] = value;
    return test(evaluate(row));
  };
  return (data) => {
    hasValue = false;
    return field.some(data, visit) || (!hasValue && holds);
  };
};

const severalFields = (
  node: EqlExpression,
  { evaluate, fields }: Evaluation,
  test: (value: Value) => boolean,
): ((data: Data) => boolean) => {
  return (data) => {
    const values = fields.map((access) => valuesOf(access, data));
    const combinations = values.reduce((count, { length }) => count * length, 1);
    if (combinations > mostCombinations)
      throw errorAt(
        node,
        (text) => `The fields of ${text} have more than ${mostCombinations} combinations of values in one event.`,
        "Compare fewer fields at once.",
      );
    const row: Value[] = fields.map(() => null);
    const visit = (index: number): boolean =>
      index === values.length
        ? test(evaluate(row))
        : values[index]!.some((value) => {
            row[index] = value;
            return visit(index + 1);
          });
    return visit(0);
  };
};

/** Each combination of the values of fields, in an array that is used again for the next. */
export function* combinationsOf(
  fields: Evaluation["fields"],
  data: Data,
  row: Value[] = fields.map(() => null),
  index = 0,
): Generator<readonly Value[]> {
  if (index === fields.length) {
    yield row;
    return;
  }
  for (const value of valuesOf(fields[index], data)) {
    row[index] = value;
    yield* combinationsOf(fields, data, row, index + 1);
  }
}

/** The distinct values of a field; null alone if it has none. */
export const valuesOf = (access: FieldAccess | undefined, data: Data): readonly Value[] => {
  const values = new Set<Value>();
  access?.field.some(data, (scalar) => {
    const value = access.read(scalar);
    if (value !== undefined) values.add(value);
    return false;
  });
  return values.size === 0 ? [null] : [...values];
};
