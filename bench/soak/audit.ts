import type { Stats } from "../../src/runtime/stats.ts";
import { origins, type Received, type Sent } from "./books.ts";

export interface Ledgers {
  readonly sent: Readonly<Record<(typeof origins)[number], Sent>>;
  readonly received: Readonly<Record<"file" | "posts" | "messages", Received>>;
  /** What each receiver had acknowledged when the last life of weir began. */
  readonly before: Readonly<Record<string, number>>;
  /** weir's own counters of its last life, and what `weir status` said at its end. */
  readonly stats: Stats;
  readonly status: Pick<Stats, "components">;
}

/** What does not agree; nothing if the books are exact. */
export const audit = ({ sent, received, before, stats, status }: Ledgers): string[] => {
  const problems: string[] = [];
  const same = (what: string, found: number, wanted: number) => {
    if (found !== wanted) problems.push(`${what}: ${found}, but ${wanted} is right`);
  };
  for (const [name, got] of Object.entries(received)) {
    same(`altered or invented events in ${name}`, got.strangers.length, 0);
    for (const from of origins) {
      same(`acknowledged events of ${from} that ${name} lacks`, sent[from].missingIn(got, from).length, 0);
      same(
        `events of ${from} in ${name} that were never sent`,
        Math.max(0, got.countsOf(from).highest - sent[from].count + 1),
        0,
      );
    }
    const { component_sent_events_total: delivered } = stats.components[name]!;
    same(
      `events that weir counts as delivered to ${name} in its last life`,
      delivered,
      got.acknowledged - before[name]!,
    );
  }
  for (const from of ["http", "sockets"] as const) {
    const { component_received_events_total: taken } = stats.components[from]!;
    same(`events that weir counts as received from ${from} in its last life`, taken, sent[from].inThisLife);
  }
  for (const [id, counters] of Object.entries(stats.components)) {
    same(`unbalanced events of ${id}`, counters.unbalanced_events, 0);
    same(`events of ${id} in flight at the end`, counters.component_in_flight_events, 0);
    same(`dead letters of ${id}`, Object.values(counters.component_dead_letter_events_total).length, 0);
    const { component_received_events_total: shown } = status.components[id]!;
    same(`events received by ${id}, as weir status says`, shown, counters.component_received_events_total);
  }
  return problems;
};
