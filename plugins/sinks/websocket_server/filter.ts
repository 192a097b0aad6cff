import type { Delivery } from "weir";
import { Refusal } from "weir/http";
import { compileKql, KqlError, type KqlPredicate, kqlConditions, parseKql } from "weir/kql";

/** A subscriber's query. */
export interface Filter {
  readonly matches: KqlPredicate;
  /** Whether it can be applied to this event in a few milliseconds. */
  fits(event: Delivery): boolean;
}

/** The limits of one query; a URL cannot be much longer anyway. */
const limits = { characters: 8_192, conditions: 256, fieldPatterns: 16 };

/** How many conditions times bytes of an event take a few milliseconds at most. */
const mostWork = 8 * 1024 * 1024;

/** Compiles the query of a URL; undefined when it has none. Throws a `Refusal`, 400. */
export const filterOf = (query: URLSearchParams): Filter | undefined => {
  const where = query.get("where");
  if (where === null) return undefined;
  try {
    const node = parseKql(where, limits);
    const mostBytes = mostWork / kqlConditions(node);
    return { matches: compileKql(node), fits: ({ json }) => json.length <= mostBytes };
  } catch (error) {
    if (error instanceof KqlError) throw new Refusal(400, `The query in "where" is not accepted: ${error.message}`);
    throw error;
  }
};
