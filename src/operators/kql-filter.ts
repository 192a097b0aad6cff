import type { OperatorFunction } from "rxjs";
import type { Batch } from "../batch.ts";
import { compileKql, type KqlOptions } from "../kql/compile.ts";
import { filterEvents } from "./lift.ts";

/**
 * Keeps the events that match a KQL query; the others are consumed under the reason `filtered`. Throws at once, and
 * not per event, a `KqlError` for a query that cannot run.
 */
export const kqlFilter = (where: string, options: KqlOptions = {}): OperatorFunction<Batch, Batch> => {
  const matches = compileKql(where, options);
  return filterEvents((event) => matches(event.data));
};
