import { counted } from "../text.ts";
import type { ComponentStats } from "./stats.ts";

/** What became of the events of a component, in words: `3 received, 2 sent, 1 consumed (filtered)`. */
export const summaryOf = (counters: ComponentStats): string => {
  const reasons = (verb: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([reason, count]) => `${count} ${verb} (${reason})`);
  return [
    `${counters.component_received_events_total} received`,
    ...(counters.component_created_events_total > 0 ? [`${counters.component_created_events_total} created`] : []),
    `${counters.component_sent_events_total} sent${byOutput(counters)}`,
    ...reasons("consumed", counters.component_consumed_events_total),
    ...reasons("dropped", counters.component_dropped_events_total),
    ...reasons("to the dead letter", counters.component_dead_letter_events_total),
    ...(counters.component_in_flight_events > 0 ? [`${counters.component_in_flight_events} in flight`] : []),
    ...(counters.component_retries_total > 0 ? [counted(counters.component_retries_total, "retry", "retries")] : []),
  ].join(", ");
};

/** Of the events sent, those sent by named outputs. */
const byOutput = ({ component_sent_events_by_output: outputs }: ComponentStats): string => {
  const counts = Object.entries(outputs).map(([output, count]) => `${count} by ${output}`);
  return counts.length === 0 ? "" : ` (${counts.join(", ")})`;
};
