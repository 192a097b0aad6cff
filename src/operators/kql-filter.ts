import { compileKql, type KqlOptions } from "../kql/compile.ts";
import type { EachStep } from "../transform/transform.ts";

/**
 * Keeps the events that match a KQL query; the others end here as `filtered`. Throws at once, and not per event, a
 * `KqlError` for a query that cannot run.
 */
export const kqlFilter = (where: string, options: KqlOptions = {}): EachStep => {
  const matches = compileKql(where, options);
  return (event) => (matches(event.data) ? event : "filtered");
};
