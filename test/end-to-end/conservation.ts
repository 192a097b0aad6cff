import { expect } from "vitest";
import type { ComponentStats, Stats } from "../../src/runtime/stats.ts";

const sum = (reasons: Readonly<Record<string, number>>): number =>
  Object.values(reasons).reduce((total, count) => total + count, 0);

/** Law L3 for a run that has ended and delivered everything: every component's account balances, nothing is in flight. */
export const expectConservation = ({ components }: Stats): void => {
  for (const [id, counters] of Object.entries(components)) {
    expect({ id, unbalanced: counters.unbalanced_events, inFlight: counters.component_in_flight_events }).toEqual({
      id,
      unbalanced: 0,
      inFlight: 0,
    });
    expect(unaccounted(counters), `what "${id}" took in is what came of it`).toBe(0);
  }
};

/** The same sum as `unbalanced_events`, from the published counters alone. */
const unaccounted = (counters: ComponentStats): number =>
  counters.component_received_events_total +
  counters.component_created_events_total -
  counters.component_sent_events_total -
  sum(counters.component_consumed_events_total) -
  sum(counters.component_dropped_events_total) -
  sum(counters.component_dead_letter_events_total);

/** What the components on one side of some edges sent is what the one on the other side received. */
export const expectEdge = ({ components }: Stats, from: readonly string[], to: string): void => {
  const sent = from.reduce((total, id) => total + components[id]!.component_sent_events_total, 0);
  expect({ from, to, events: components[to]!.component_received_events_total }).toEqual({ from, to, events: sent });
};
