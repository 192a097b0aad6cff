import { byValue, type Mapping, mappingOf } from "../fields/mapping.ts";
import { mappingsOf } from "../fields/mappings.ts";
import type { FieldType } from "../fields/types.ts";
import type { Guard } from "../guard/guard.ts";
import type { EqlCondition } from "./condition.ts";
import { type AccessOf, accessOf } from "./fields.ts";
import { compileFilter } from "./filter.ts";
import { guardOfFilters } from "./guard.ts";
import type { EqlLimits } from "./limits.ts";
import type { EqlPipe, EqlQuery } from "./node.ts";
import { parseEql } from "./parse.ts";
import { type CompiledSample, compileSample } from "./sample.ts";
import { type CompiledSequence, compileSequence } from "./sequence/sequence.ts";

export interface EqlOptions {
  /** The type of each field, as an index mapping has it. A `keyword` has `ignore_above: 1024`, as in Elastic's packages. */
  readonly fields?: Readonly<Record<string, FieldType>>;
  /**
   * How to treat a field that `fields` does not list. `invisible`: it has no values (the default when `fields` is given).
   * `by_value`: the fields of ECS and of Kubernetes audit events have their own mapping, all others the JSON type of their
   * values (the default otherwise).
   */
  readonly unlisted?: "by_value" | "invisible";
  /** The field of the event's category; `event.category` by default. */
  readonly category?: string;
  /** Limits below the general ones, which apply to a query that is given as text. */
  readonly limits?: Partial<EqlLimits>;
}

/** A query of single events, compiled. */
export interface CompiledEvents {
  readonly type: "event";
  /** Whether an event matches. Throws an `EqlError` for one in which several fields together have too many values. */
  readonly matches: EqlCondition;
  /** What must hold so that it can match, or be one for which `matches` throws. */
  readonly guard: Guard;
  readonly pipes: readonly EqlPipe[];
}

export type CompiledEql = CompiledEvents | CompiledSequence | CompiledSample;

const compared = new Set<Mapping["type"]>([
  "keyword",
  "constant_keyword",
  "caseless",
  "wildcard",
  "ip",
  "boolean",
  "date",
  "long",
  "float",
  "scaled_float",
]);

/** EQL has no full text and no objects: fields of ECS that are such have the JSON type of their values. */
const comparableMappingOf = (field: string): Mapping => {
  const mapping = mappingOf(field);
  return compared.has(mapping.type) ? mapping : byValue;
};

/** How a query reads the fields of events. */
export const eqlAccess = (options: EqlOptions): AccessOf => accessOf(mappingsOf(options, comparableMappingOf));

/**
 * Compiles a query to closures with Elasticsearch's verdicts. Throws an `EqlSyntaxError` for a text that is not EQL, and an
 * `EqlError` for a query that Elasticsearch would refuse, such as one with an unknown function or values of a wrong type.
 */
export const compileEql = (query: string | EqlQuery, options: EqlOptions = {}): CompiledEql => {
  const { category = "event.category" } = options;
  const tree = typeof query === "string" ? parseEql(query, options.limits) : query;
  const access = eqlAccess(options);
  switch (tree.type) {
    case "event":
      return {
        type: "event",
        matches: compileFilter(tree.filter, access, category),
        guard: guardOfFilters([tree.filter], access, category),
        pipes: tree.pipes,
      };
    case "sequence":
      return compileSequence(tree, access, category);
    case "sample":
      return compileSample(tree, access, category);
  }
};
