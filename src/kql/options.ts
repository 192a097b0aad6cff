import type { FieldType } from "../fields/types.ts";
import type { KqlLimits } from "./limits.ts";
import type { Never } from "./types/never.ts";

export interface KqlOptions {
  /** The type of each field, as an index mapping has it. A `keyword` has `ignore_above: 1024`, as in Elastic's packages. */
  readonly fields?: Readonly<Record<string, FieldType>> | undefined;
  /**
   * How to treat a field that `fields` does not list. `invisible`: it has no values, as in an index with `dynamic: false`
   * (the default when `fields` is given). `by_value`: the fields of ECS and of Kubernetes audit events have their own
   * mapping, as far as weir knows its type (see `mappingOf`), all others the JSON type of their values (the default
   * otherwise).
   */
  readonly unlisted?: "by_value" | "invisible";
  /** Fields to search for a text that names no field. Without them, such a text is an error. */
  readonly defaultFields?: readonly string[] | undefined;
  /** Called for each condition that is true for no value, with the reason: a number with a fraction for whole numbers. */
  readonly onNever?: ((never: KqlNever) => void) | undefined;
  /** Called if the query compares with `now`: the predicate then needs the time. */
  readonly onNow?: (() => void) | undefined;
  /** Limits below the general ones, which apply to a query that is given as text. */
  readonly limits?: Partial<KqlLimits>;
}

/** What `compileKql` takes of the `queryOptions` of "weir/transform" of a component. */
export const kqlOptionsOf = ({
  fields,
  default_fields: defaultFields,
}: {
  readonly fields?: KqlOptions["fields"];
  readonly default_fields?: KqlOptions["defaultFields"];
}): KqlOptions => ({ fields, unlisted: "by_value", defaultFields });

/** A condition that is true for no value of its field. */
export interface KqlNever extends Never {
  readonly field: string;
  /** Where its value is in the query's text, in UTF-16 units. */
  readonly offset: number | undefined;
}
