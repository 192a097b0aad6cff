import type { Ledger } from "../telemetry/ledger.ts";
import { committed } from "./flow/flight.ts";
import type { RunServices } from "./flow/run-services.ts";

/**
 * Removes all that is kept of components that are not in the topology: checkpoints, state, outboxes and records. Resolves when
 * that is committed.
 */
export const forgetComponents = async (
  ids: readonly string[],
  { state, checkpoints, sinks, commits }: RunServices,
  ledgers: Map<string, Ledger>,
): Promise<void> => {
  for (const id of ids) {
    state.forget(id);
    checkpoints.forget(id);
    ledgers.delete(id);
    await sinks.stores.forget(id);
  }
  await committed((flight) => {
    flight.forgets = ids;
    commits.commitAlone(flight);
  });
};
